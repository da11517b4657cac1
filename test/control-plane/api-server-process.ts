import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The kube-apiserver behind a URL, to be treated as badly as nodes do. Linux only: it is found in /proc. */
export interface ApiServerProcess {
  /** Stops it where it is: connections stay open, and nobody answers. */
  freeze(): void;
  thaw(): void;
  /** Ends it without a word. */
  kill(): Promise<void>;
  /** Starts it again, with the same flags; resolves before it answers. */
  start(): void;
  /** Ends what `start` started; envtest-js knows only its own. */
  stop(): void;
}

/** Finds the process; undefined where there is no /proc. */
export function findApiServer(server: string): ApiServerProcess | undefined {
  const { port } = new URL(server);
  const found = processes().find(({ words }) => words.includes(`--secure-port=${port}`));
  if (found === undefined) return undefined;
  const { words, executable, directory } = found;
  let { pid } = found;
  let child: ChildProcess | undefined;
  return {
    freeze: () => process.kill(pid, 'SIGSTOP'),
    thaw: () => process.kill(pid, 'SIGCONT'),
    async kill() {
      process.kill(pid, 'SIGKILL');
      while (processes().some((one) => one.pid === pid)) await new Promise(setImmediate);
    },
    start() {
      child = spawn(executable, words.slice(1), { cwd: directory, stdio: 'ignore' });
      pid = child.pid ?? 0;
    },
    stop: () => child?.kill('SIGKILL'),
  };
}

interface RunningProcess {
  readonly pid: number;
  readonly words: readonly string[];
  readonly executable: string;
  readonly directory: string;
}

/** Every kube-apiserver that runs; zombies have no command line any more. */
function processes(): readonly RunningProcess[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) return [];
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
      if (words[0]?.endsWith('/kube-apiserver') !== true) return [];
      const [executable, directory] = ['exe', 'cwd'].map((link) =>
        readlinkSync(`/proc/${pid}/${link}`),
      );
      if (executable === undefined || directory === undefined) return [];
      return [{ pid, words, executable, directory }];
    } catch {
      return []; // It ended meanwhile.
    }
  });
}
