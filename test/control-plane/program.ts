import { spawn } from 'node:child_process';
import { onExit } from 'signal-exit';

/** A program that runs until it is ended, and how to find out that it is at work. */
export interface Program {
  readonly name: string;
  readonly path: string;
  readonly flags: readonly string[];
  /** Whether it does its work; may reject, and may never answer. */
  readonly isReady: () => Promise<boolean>;
}

/** One run of a program. */
export interface Run {
  /** Resolves when the program has ended, with how it ended. */
  readonly ended: Promise<string>;
  /** The end of what it has printed, stdout and stderr together. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Ends it without warning. */
  kill(): Promise<void>;
}

/** Enough for a panic with the stack of every goroutine that matters, and for what led to it. */
const OUTPUT_KEPT = 32 * 1024;

/** Starts a program, keeps what it prints, and ends it with this process at the latest. */
export function runProgram({ path, flags }: Pick<Program, 'path' | 'flags'>): Run {
  const child = spawn(path, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-OUTPUT_KEPT);
    });
  }
  const signal = (name: NodeJS.Signals): void => void child.kill(name);
  const forget = onExit(() => {
    signal('SIGKILL');
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    // Not `exit`: what it printed last may still be on its way.
    child.once('close', (code, name) => {
      resolve(name ?? `exit code ${code}`);
    });
  });
  return {
    ended,
    output: () => output,
    signal,
    async kill() {
      signal('SIGKILL');
      await ended;
      forget();
    },
  };
}
