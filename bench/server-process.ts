import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { listOf, recordOf } from '../src/admission/json.ts';

export interface Usage {
  readonly cpuMicroseconds: number;
  readonly rssBytes: number;
}

export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
  /** What the process has used since it started, by its own account. */
  usage(): Promise<Usage>;
  stop(): void;
}

/** Starts a server in a process of its own, so that CPU time and memory are its own. */
export async function startServer(
  kind: 'bucketwarden' | 'constant' | 'minimal',
  {
    directory,
    logFd,
    script = new URL('server.ts', import.meta.url),
  }: { directory: string; logFd: number; script?: URL },
): Promise<ServerProcess> {
  // BENCH_NODE_OPTIONS="--cpu-prof --cpu-prof-dir=DIR" profiles our server alone.
  const more = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter((one) => one !== '');
  const execArgv = [...imageFlags(), ...more];
  const child = fork(fileURLToPath(script), [kind, directory], {
    stdio: ['ignore', logFd, 'inherit', 'ipc'],
    execArgv: kind === 'bucketwarden' ? execArgv : [],
  });
  const receive = async (): Promise<Record<string, unknown>> => {
    const received: readonly unknown[] = await once(child, 'message');
    return recordOf(received[0]);
  };
  const { port } = await receive();
  return {
    port: Number(port),
    pid: child.pid ?? 0,
    async usage() {
      child.send('usage');
      const { cpuMicroseconds, rssBytes } = await receive();
      return { cpuMicroseconds: Number(cpuMicroseconds), rssBytes: Number(rssBytes) };
    },
    stop() {
      child.disconnect();
    },
  };
}

/** The flags of Node.js that the image starts our server with: what is measured is what is shipped. */
function imageFlags(): readonly string[] {
  const text = readFileSync(new URL('../Dockerfile', import.meta.url), 'utf8');
  const entryPoint = /^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1];
  if (entryPoint === undefined) throw new Error('Dockerfile: no ENTRYPOINT');
  const words: unknown = JSON.parse(entryPoint);
  return listOf(words)
    .map(String)
    .filter((word) => word.startsWith('--'));
}
