import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceText } from '../engine/load-policy.ts';
import { InvalidFileError } from '../errors.ts';

const manifestName = /^[^.].*\.(?:ya?ml|json)$/;

/**
 * The files behind a list of files and directories; of a directory, what ends in .yaml, .yml or .json.
 * Names that begin with a dot are left out: mounted ConfigMaps keep their older generations there.
 * @throws InvalidFileError when one cannot be read, or a directory has nothing to read: an empty mount
 * must not pass for "no tenants"
 */
export async function readSources(paths: readonly string[]): Promise<SourceText[]> {
  const files = await Promise.all(paths.map(listManifests));
  return Promise.all(files.flat().map(readSource));
}

/** One file as text. @throws InvalidFileError when it cannot be read */
export async function readSource(file: string): Promise<SourceText> {
  try {
    return { file, text: await readFile(file, 'utf8') };
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function listManifests(path: string): Promise<string[]> {
  const names = await namesIn(path);
  if (names === undefined) return [path];
  const manifests = names.filter((name) => manifestName.test(name)).sort();
  if (manifests.length === 0) throw problem(path, 'no .yaml, .yml or .json file in this directory');
  return manifests.map((name) => join(path, name));
}

/** The entries of a directory; undefined for a file. */
async function namesIn(path: string): Promise<string[] | undefined> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? await readdir(path) : undefined;
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(file: string, cause: unknown): InvalidFileError {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return problem(file, `cannot be read${code}`, cause);
}

function problem(file: string, message: string, cause?: unknown): InvalidFileError {
  return new InvalidFileError([{ file, line: 1, column: 1, path: '', message }], { cause });
}
