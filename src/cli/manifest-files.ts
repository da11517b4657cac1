import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SourceText } from '../engine/load-policy.ts';
import { problemOfFile, type FileProblem } from '../errors.ts';
import { listManifests, noManifests } from '../files/list-manifests.ts';
import { unreadable } from '../files/unreadable.ts';
import type { Io } from './io.ts';

/** What could be read, each file by its name as the user wrote or would write it, and what could not. */
export interface ReadFiles {
  readonly files: readonly SourceText[];
  readonly problems: readonly FileProblem[];
}

/** How `-` is called in findings. */
const stdinName = 'stdin';

/**
 * Reads files, every manifest in and below directories, and stdin (`-`). What cannot be read is a
 * problem; the rest is still there. A file reached twice is read once.
 */
export async function readManifestFiles(paths: readonly string[], io: Io): Promise<ReadFiles> {
  const files = new Map<string, SourceText>();
  const problems: FileProblem[] = [];
  for (const path of paths) {
    if (path === '-') {
      files.set(path, { file: stdinName, text: await io.readStdin() });
      continue;
    }
    const found = attempt(path, problems, () => listManifests(path, io.directory));
    if (found?.length === 0) problems.push(problemOfFile(path, noManifests));
    for (const file of found ?? []) {
      const absolute = resolve(io.directory, file);
      const text = attempt(file, problems, () => readFileSync(absolute, 'utf8'));
      if (text !== undefined) files.set(absolute, { file, text });
    }
  }
  return { files: [...files.values()], problems };
}

function attempt<Value>(
  file: string,
  problems: FileProblem[],
  read: () => Value,
): Value | undefined {
  try {
    return read();
  } catch (error) {
    problems.push(unreadable(file, error));
    return undefined;
  }
}
