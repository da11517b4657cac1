import { readFile } from 'node:fs/promises';
import type { SourceText } from '../../engine/load-policy.ts';
import { InvalidFileError, problemOfFile } from '../../errors.ts';
import { listManifests, noManifests } from '../../files/list-manifests.ts';
import { unreadable } from '../../files/unreadable.ts';

/**
 * The files behind a list of files and directories, as `check` reads them.
 * @throws InvalidFileError when one cannot be read, or a directory has nothing to read
 */
export async function readSources(paths: readonly string[]): Promise<SourceText[]> {
  return Promise.all(paths.flatMap(manifestsOf).map(readSource));
}

/** One file as text. @throws InvalidFileError when it cannot be read */
export async function readSource(file: string): Promise<SourceText> {
  try {
    return { file, text: await readFile(file, 'utf8') };
  } catch (cause) {
    throw new InvalidFileError([unreadable(file, cause)], { cause });
  }
}

function manifestsOf(path: string): readonly string[] {
  let found: readonly string[];
  try {
    found = listManifests(path);
  } catch (cause) {
    throw new InvalidFileError([unreadable(path, cause)], { cause });
  }
  if (found.length === 0) throw new InvalidFileError([problemOfFile(path, noManifests)]);
  return found;
}
