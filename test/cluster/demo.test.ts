import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { describeOnCluster } from './cluster.ts';

const main = new URL('../../scripts/demo/main.ts', import.meta.url).pathname;

function demo(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('node', [main, ...words], { encoding: 'utf8', timeout: 120_000 });
}

describeOnCluster('the demo', () => {
  it.each([[''], ['--cluster']])(
    'plays to its end when called with "%s"',
    (word) => {
      const { status, stdout, stderr } = demo(...(word === '' ? [] : [word]));
      expect(status, stderr).toBe(0);
      expect(stdout).toContain('bucket "analytics-raw" is not granted');
    },
    150_000,
  );

  it('says how it is used when it does not understand', () => {
    const { status, stderr } = demo('--clutser');
    expect(status).toBe(2);
    expect(stderr).toBe('usage: npm run demo, or npm run demo -- --cluster\n');
  });
});
