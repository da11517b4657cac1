import { problemOfFile, type FileProblem } from '../errors.ts';

/** "cannot be read: no such file or directory": what the file system said, without its system calls. */
export function unreadable(file: string, error: unknown): FileProblem {
  return problemOfFile(file, `cannot be read: ${reasonOf(error)}`);
}

/** Node's text names the system call and the path again; users need neither. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const system = /^[A-Z0-9]+: (.*?), \w+/.exec(error.message);
  return system?.[1] ?? error.message;
}
