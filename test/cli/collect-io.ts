import type { Io } from '../../src/cli/io.ts';

export interface Printed {
  readonly 'stdout.txt': string;
  readonly 'stderr.txt': string;
}

interface Given {
  readonly directory: string;
  readonly stdin?: string;
  readonly env?: Io['env'];
  readonly isTerminal?: boolean;
}

/** An Io that keeps what is written, on a fixed day. */
export function collectIo({ directory, stdin = '', env = {}, isTerminal = false }: Given): {
  readonly io: Io;
  readonly printed: () => Printed;
} {
  const chunks = { stdout: '', stderr: '' };
  const io: Io = {
    stdout: { isTerminal, write: (text) => void (chunks.stdout += text) },
    stderr: { isTerminal, write: (text) => void (chunks.stderr += text) },
    readStdin: () => Promise.resolve(stdin),
    env,
    directory,
    now: () => new Date('2026-12-01T12:00:00Z'),
  };
  return { io, printed: () => ({ 'stdout.txt': chunks.stdout, 'stderr.txt': chunks.stderr }) };
}
