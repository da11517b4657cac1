import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { onExit } from 'signal-exit';

const usage = `usage: node scripts/busy.ts [--loops N] [--connections] -- COMMAND [WORD...]

Runs a command on a busy machine, and ends with its exit code.

  --loops N       this many processes that do nothing but use a core
  --connections   a process that keeps opening and closing thousands of loopback connections
`;

/** Shows that the tests do not depend on the speed of the machine: see CONTRIBUTING.md. */
async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      loops: { type: 'string', default: '0' },
      connections: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const loops = Number(values.loops);
  const [command, ...words] = positionals;
  if (command === undefined || !Number.isInteger(loops) || loops < 0) throw new TypeError(usage);
  const load = [
    ...Array.from({ length: loops }, () => start('loop')),
    ...(values.connections ? [start('connections')] : []),
  ];
  onExit(() => {
    for (const child of load) child.kill('SIGKILL');
  });
  const child = spawn(command, words, { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

function start(what: 'loop' | 'connections'): ChildProcess {
  const file = new URL(`busy/${what}.ts`, import.meta.url).pathname;
  return spawn(process.execPath, [file], { stdio: ['ignore', 'ignore', 'inherit'] });
}

try {
  process.exit(await run());
} catch (error) {
  process.stderr.write(error instanceof TypeError ? usage : `${String(error)}\n`);
  process.exit(2);
}
