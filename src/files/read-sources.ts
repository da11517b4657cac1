import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidFileError, problemOfFile, type FileProblem } from '../errors.ts';
import { listManifests, noManifests } from './list-manifests.ts';
import { unreadable } from './unreadable.ts';

/** A file that has been read; `file` is its name in messages. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** A file of which it is known how it was reached. */
export interface Source extends SourceText {
  /** The user wrote its name, or piped it in; otherwise it was found in a directory. */
  readonly isNamed: boolean;
}

/** What could be read, each file by its name as the user wrote or would write it, and what could not. */
export interface ReadSources {
  readonly sources: readonly Source[];
  readonly problems: readonly FileProblem[];
}

export interface ReadOptions {
  /** Relative paths start here. */
  readonly directory?: string;
  /** Reads what `-` means; without it, `-` is a file like any other. */
  readonly readStdin?: () => Promise<string>;
}

/** The name of `-` in findings. */
const stdinName = 'stdin';

/**
 * Reads files, every manifest in and below directories, and stdin (`-`). What cannot be read is a
 * problem; the rest is still there. A file reached twice is read once.
 */
export async function readSources(
  paths: readonly string[],
  { directory = '.', readStdin }: ReadOptions = {},
): Promise<ReadSources> {
  const sources = new Map<string, Source>();
  const problems: FileProblem[] = [];
  for (const path of paths) {
    if (path === '-' && readStdin !== undefined) {
      sources.set(path, { file: stdinName, text: await readStdin(), isNamed: true });
      continue;
    }
    const listed = listManifests(path, directory);
    const isEmpty = listed.files.length + listed.problems.length === 0;
    problems.push(...listed.problems, ...(isEmpty ? [problemOfFile(path, noManifests)] : []));
    for (const file of listed.files) {
      const found = { file, isNamed: file === path };
      const problem = await addTo(sources, { ...found, absolute: resolve(directory, file) });
      if (problem !== undefined) problems.push(problem);
    }
  }
  return { sources: [...sources.values()], problems };
}

/** Reads a file unless it has been read, perhaps by another name; a name that was written wins. */
async function addTo(
  sources: Map<string, Source>,
  { file, isNamed, absolute }: Omit<Source, 'text'> & { readonly absolute: string },
): Promise<FileProblem | undefined> {
  try {
    const real = realpathSync(absolute);
    const known = sources.get(real);
    const text = known?.text ?? (await readFile(absolute, 'utf8'));
    if (known === undefined || isNamed) sources.set(real, { file, text, isNamed });
    return undefined;
  } catch (error) {
    return unreadable(file, error);
  }
}

/**
 * The same where all or nothing is wanted.
 * @throws InvalidFileError when one cannot be read, or a directory has nothing to read
 */
export async function requireSources(paths: readonly string[]): Promise<readonly SourceText[]> {
  const { sources, problems } = await readSources(paths);
  if (problems.length > 0) throw new InvalidFileError(problems);
  return sources;
}

/** One file as text. @throws InvalidFileError when it cannot be read */
export async function readSource(file: string): Promise<SourceText> {
  try {
    return { file, text: await readFile(file, 'utf8') };
  } catch (cause) {
    throw new InvalidFileError([unreadable(file, cause)], { cause });
  }
}
