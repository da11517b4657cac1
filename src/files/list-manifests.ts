import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What a directory without manifests is told; an empty mount must not pass for "nothing declared". */
export const noManifests = 'has no .yaml, .yml or .json file in it';

const manifestName = /\.(ya?ml|json)$/;

/**
 * The manifests that a path stands for: a file itself, whatever it is called, or every .yaml, .yml and
 * .json file in and below a directory, sorted. Names that begin with a dot are left out: mounted
 * ConfigMaps keep their older generations there.
 * @param directory what a relative path is relative to
 * @throws the file system's own error when the path cannot be looked at
 */
export function listManifests(path: string, directory = '.'): readonly string[] {
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
