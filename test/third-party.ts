import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { isRecord, type JsonRecord } from '../src/admission/json.ts';

/** Public files that are not part of this repository; tests read them where they are. */
export const thirdParty = {
  data: folder('BUCKETWARDEN_TEST_DATA', '../../shared/data'),
  corpus: folder('BUCKETWARDEN_TEST_CORPUS', '../../shared/corpus'),
};

interface Folder {
  readonly path: string;
  readonly variable: string;
}

function folder(variable: string, whenUnset: string): Folder {
  const path = process.env[variable] ?? fileURLToPath(new URL(whenUnset, import.meta.url));
  return { path, variable };
}

/** A describe that needs such a folder: without it, skipped with the reason, and in CI a failure. */
export function describeWith({ path, variable }: Folder, name: string, tests: () => void): void {
  if (existsSync(path)) {
    describe(name, tests);
    return;
  }
  const reason = `needs third-party files; set ${variable} (there is nothing at ${path})`;
  if (process.env['CI'] === 'true') {
    it(name, () => {
      throw new Error(reason);
    });
    return;
  }
  process.stderr.write(`skipped: ${name}: ${reason}\n`);
  // The tests themselves cannot even be listed without the files.
  it.skip(`${name}: ${reason}`);
}

/** Names of the YAML files in a folder below, sorted; none when the folder is absent. */
export function yamlFiles({ path }: Folder, below: string): string[] {
  const directory = `${path}/${below}`;
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((file) => file.endsWith('.yaml'))
    .sort();
}

/** The objects of a YAML file. */
export function objectsIn({ path }: Folder, file: string): JsonRecord[] {
  return parseAllDocuments(readFileSync(`${path}/${file}`, 'utf8')).flatMap((document) => {
    const value: unknown = 'toJS' in document ? document.toJS() : undefined;
    return isRecord(value) ? [value] : [];
  });
}
