import { afterAll, describe, expect, it } from 'vitest';
import { openShell } from '../../scripts/run-docs/shell.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const shell = openShell(temporaryDirectory(), { GREETING: 'hello' });
afterAll(() => {
  shell.close();
});

describe('the terminal of a page', () => {
  it('shows both streams in order', async () => {
    const { exitCode, output } = await shell.run('echo $GREETING; echo problem >&2; echo end');
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: 'hello\nproblem\nend\n' });
  });

  it('ends at the first command that fails, and says on which line', async () => {
    const { exitCode, output, failedLine } = await shell.run('echo a\n\n(exit 3)\necho b');
    expect({ exitCode, output, failedLine }).toEqual({ exitCode: 3, output: 'a\n', failedLine: 2 });
  });

  it('hands directory, functions and variables on to the next block', async () => {
    await shell.run('mkdir -p inner; cd inner; export NAME=x; greet() { echo "hi $NAME"; }');
    const { output } = await shell.run('basename "$PWD"; greet');
    expect(output).toBe('inner\nhi x\n');
  });

  it('stops a block that does not end once it has printed the text', async () => {
    const { exitCode, output } = await shell.run('echo ready; while :; do sleep 1; done', 'ready');
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: 'ready\n' });
  });

  it('hides the programs that npm puts on the PATH', async () => {
    const { output } = await shell.run('echo "$PATH"');
    expect(output).not.toContain('node_modules');
  });
});
