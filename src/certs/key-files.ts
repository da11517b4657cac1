import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

/** The text of a file; undefined when there is no such file. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a file so that a reader sees the old text or the new one, never a part. Only the owner can read keys. */
export function writeAtOnce(
  file: string,
  { text, isPrivate }: { readonly text: string; readonly isPrivate: boolean },
): void {
  const temporary = `${file}.new`;
  writeFileSync(temporary, text, { mode: isPrivate ? 0o600 : 0o644 });
  renameSync(temporary, file);
}

/**
 * Makes a directory that only its owner can enter; an existing one is left as it is. Not its parents: a
 * slip in their names must not make new ones, and in /proc Node would try without end.
 */
export function makePrivateDirectory(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return;
  mkdirSync(directory, { mode: 0o700 });
}
