import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { describeOnCluster } from './cluster.ts';

const script = new URL('../../scripts/run-docs.ts', import.meta.url).pathname;

/** A few minutes as a rule; `npm ci` in a fresh clone waits for the network. */
const limitMilliseconds = 25 * 60_000;

describeOnCluster('the documentation', () => {
  it(
    'shows commands that do what it says, in a fresh clone',
    async () => {
      const child = spawn('node', [script], { stdio: ['ignore', 'pipe', 'pipe'] });
      const ended = new Promise((resolve) => child.once('close', resolve));
      const [status, printed, problems] = await Promise.all([
        ended,
        text(child.stdout),
        text(child.stderr),
      ]);
      // Which blocks were not run, and why.
      process.stdout.write(printed.replaceAll(/^ok .*\n/gm, ''));
      expect(status, `${printed}${problems}`).toBe(0);
    },
    limitMilliseconds,
  );
});
