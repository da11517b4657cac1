import { readdirSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FileProblem } from '../errors.ts';
import { unreadable } from './unreadable.ts';

/** Said of a directory without manifests; an empty mount must not pass for "nothing declared". */
export const noManifests = 'has no .yaml, .yml or .json file in it';

const manifestName = /\.(ya?ml|json)$/;

/** The files below a path, and what could not be looked at on the way. */
export interface ListedManifests {
  readonly files: readonly string[];
  readonly problems: readonly FileProblem[];
}

/**
 * The manifests at a path: a file itself, whatever its name, or every .yaml, .yml and .json file in and
 * below a directory, sorted. Names that begin with a dot are left out: mounted ConfigMaps keep their
 * older generations there. Linked directories are followed, each directory is read once.
 * @param directory what a relative path is relative to
 */
export function listManifests(path: string, directory = '.'): ListedManifests {
  const problems: FileProblem[] = [];
  const attempt = <Value>(file: string, look: () => Value): Value | undefined => {
    try {
      return look();
    } catch (error) {
      problems.push(unreadable(file, error));
      return undefined;
    }
  };
  const isDirectory = attempt(path, () => statSync(resolve(directory, path)).isDirectory());
  if (isDirectory !== true) return { files: isDirectory === false ? [path] : [], problems };

  const files: string[] = [];
  const read = new Set<string>();
  // Links come last, so that a file that is also there without a link is known by its own name.
  const waiting = [path];
  const walk = (folder: string): void => {
    for (const { name, kind } of attempt(folder, () => entriesOf(folder, { directory, read })) ??
      []) {
      const below = join(folder, name);
      if (kind === 'directory') walk(below);
      if (kind === 'linked directory') waiting.push(below);
      if (kind === 'file' && manifestName.test(name)) files.push(below);
    }
  };
  for (const folder of waiting) walk(folder);
  return { files: files.sort(), problems };
}

interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'linked directory';
}

/** What is in a directory; nothing when it has been read before, perhaps by another name. */
function entriesOf(
  folder: string,
  { directory, read }: { readonly directory: string; readonly read: Set<string> },
): readonly Entry[] {
  const real = realpathSync(resolve(directory, folder));
  if (read.has(real)) return [];
  read.add(real);
  return readdirSync(real, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .map((entry) => ({ name: entry.name, kind: kindOf(entry, real) }));
}

function kindOf(entry: Dirent, folder: string): Entry['kind'] {
  if (entry.isDirectory()) return 'directory';
  if (!entry.isSymbolicLink()) return 'file';
  try {
    return statSync(join(folder, entry.name)).isDirectory() ? 'linked directory' : 'file';
  } catch {
    // A link to nothing: reading it says why, if its name is that of a manifest.
    return 'file';
  }
}
