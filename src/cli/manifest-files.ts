import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FileProblem } from '../errors.ts';
import type { Io } from './io.ts';

/** A file that was read; `file` is its name as the user wrote or would write it. */
export interface ReadFile {
  readonly file: string;
  readonly text: string;
}

export interface ReadFiles {
  readonly files: readonly ReadFile[];
  readonly problems: readonly FileProblem[];
}

/** How `-` is called in findings. */
const stdinName = 'stdin';

const manifestName = /\.(ya?ml|json)$/;

/**
 * Reads files, every manifest in and below directories, and stdin (`-`). What cannot be read is a
 * problem; the rest is still there. A file reached twice is read once.
 */
export async function readManifestFiles(paths: readonly string[], io: Io): Promise<ReadFiles> {
  const files = new Map<string, ReadFile>();
  const problems: FileProblem[] = [];
  for (const path of paths) {
    if (path === '-') {
      files.set(path, { file: stdinName, text: await io.readStdin() });
      continue;
    }
    const found = attempt(path, problems, () => expand(path, io.directory));
    if (found?.length === 0)
      problems.push(problemOf(path, 'has no .yaml, .yml or .json file in it'));
    for (const file of found ?? []) {
      const absolute = resolve(io.directory, file);
      const text = attempt(file, problems, () => readFileSync(absolute, 'utf8'));
      if (text !== undefined) files.set(absolute, { file, text });
    }
  }
  return { files: [...files.values()], problems };
}

function expand(path: string, directory: string): readonly string[] {
  return statSync(resolve(directory, path)).isDirectory()
    ? manifestsBelow(path, directory)
    : [path];
}

/** Links to files are followed, as a mounted ConfigMap consists of them; links to directories may loop. */
function manifestsBelow(path: string, directory: string): readonly string[] {
  const entries = readdirSync(resolve(directory, path), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const below = join(path, entry.name);
    if (entry.isDirectory()) return manifestsBelow(below, directory);
    if (!manifestName.test(entry.name)) return [];
    const isLinkedDirectory =
      entry.isSymbolicLink() &&
      statSync(resolve(directory, below), { throwIfNoEntry: false })?.isDirectory() === true;
    return isLinkedDirectory ? [] : [below];
  });
}

function attempt<Value>(
  file: string,
  problems: FileProblem[],
  read: () => Value,
): Value | undefined {
  try {
    return read();
  } catch (error) {
    problems.push(problemOf(file, `cannot be read: ${reasonOf(error)}`));
    return undefined;
  }
}

function problemOf(file: string, message: string): FileProblem {
  return { file, line: 1, column: 1, path: '', message };
}

/** Node's text names the system call and the path again; users need neither. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const system = /^[A-Z0-9]+: (.*?), \w+/.exec(error.message);
  return system?.[1] ?? error.message;
}
