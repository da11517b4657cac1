import { parseArgs } from 'node:util';

/** `npm run demo`, and `npm run demo -- --cluster` for the same on a real API server. */
process.chdir(new URL('../../', import.meta.url).pathname);

const { values } = parseArgs({ options: { cluster: { type: 'boolean', default: false } } });
if (values.cluster) {
  const { playWithCluster } = await import('./with-cluster.ts');
  await playWithCluster();
} else {
  const { playWithoutCluster } = await import('./without-cluster.ts');
  await playWithoutCluster();
}
