/** `npm run demo`, and `npm run demo -- --cluster` for the same on a real API server. */
process.chdir(new URL('../../', import.meta.url).pathname);

const words = process.argv.slice(2);
if (words.length === 0) {
  const { playWithoutCluster } = await import('./without-cluster.ts');
  await playWithoutCluster();
} else if (words.join(' ') === '--cluster') {
  const { playWithCluster } = await import('./with-cluster.ts');
  await playWithCluster();
} else {
  process.stderr.write('usage: npm run demo, or npm run demo -- --cluster\n');
  process.exitCode = 2;
}
