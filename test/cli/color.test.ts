import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/command.ts';
import { collectIo } from './collect-io.ts';
import { casesDirectory } from './golden-case.ts';

const directory = join(casesDirectory, 'check-text');
const argv = ['check', 'pods.yaml', 'service-entry.yaml', '--tenants', '../../../examples/tenants.yaml'];
const plain = readFileSync(join(directory, 'stdout.txt'), 'utf8');

async function stdoutOf(
  words: readonly string[],
  given: { isTerminal: boolean; env?: Record<string, string> },
): Promise<string> {
  const { io, printed } = collectIo({ directory, ...given });
  await run(words, io);
  return printed()['stdout.txt'];
}

describe('colour', () => {
  it('is used on a terminal', async () => {
    const text = await stdoutOf(argv, { isTerminal: true });
    expect(text).toContain('\u001B[31mdeny\u001B[39m [bucket-outside-tenant]');
    expect(text.replaceAll(/\u001B\[\d+m/g, '')).toBe(plain);
  });

  it('is not used in a pipe', async () => {
    expect(await stdoutOf(argv, { isTerminal: false })).toBe(plain);
  });

  it('is not used with NO_COLOR, unless that is empty', async () => {
    expect(await stdoutOf(argv, { isTerminal: true, env: { NO_COLOR: '1' } })).toBe(plain);
    expect(await stdoutOf(argv, { isTerminal: true, env: { NO_COLOR: '' } })).not.toBe(plain);
  });

  it('is not used with --no-color, before or after the command', async () => {
    expect(await stdoutOf(['--no-color', ...argv], { isTerminal: true })).toBe(plain);
    expect(await stdoutOf([...argv, '--no-color'], { isTerminal: true })).toBe(plain);
  });

  it('never reaches JSON', async () => {
    const json = [...argv, '-o', 'json'];
    expect(await stdoutOf(json, { isTerminal: true })).toBe(
      await stdoutOf(json, { isTerminal: false }),
    );
  });
});
