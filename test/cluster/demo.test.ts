import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { describeOnCluster } from './cluster.ts';

const main = new URL('../../scripts/demo/main.ts', import.meta.url).pathname;
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

interface Played {
  readonly exitCode: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

async function demo(...words: string[]): Promise<Played> {
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  // It ends its control plane before itself.
  ends.push(() => child.kill('SIGTERM'));
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [exitCode] = (await once(child, 'close')) as unknown[];
  return { exitCode, stdout, stderr };
}

describeOnCluster('the demo', () => {
  it.each([[''], ['--cluster']])('plays to its end when called with "%s"', async (word) => {
    const { exitCode, stdout, stderr } = await demo(...(word === '' ? [] : [word]));
    expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
    expect(stdout).toContain('bucket "analytics-raw" is not granted');
  });

  it('says how it is used when it does not understand', async () => {
    expect(await demo('--clutser')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'usage: npm run demo, or npm run demo -- --cluster\n',
    });
  });
});
