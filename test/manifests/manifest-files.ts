import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { recordOf, textOf, valueAt, type JsonRecord } from '../../src/admission/json.ts';

export const manifests = new URL('../../manifests/', import.meta.url);

/** An object of `manifests/base` and the file it stands in. */
export interface Manifest {
  readonly file: string;
  readonly object: JsonRecord;
}

/** Every object of the base; a file that is no YAML throws. */
export function readBase(): readonly Manifest[] {
  const folder = new URL('base/', manifests);
  return readdirSync(folder)
    .filter((file) => file !== 'kustomization.yaml')
    .flatMap((file) => readDocuments(new URL(file, folder)).map((object) => ({ file, object })));
}

/** The documents of a YAML file. */
export function readDocuments(file: URL): readonly JsonRecord[] {
  return parseDocuments(readFileSync(file, 'utf8'));
}

export function parseDocuments(text: string): readonly JsonRecord[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors[0]) throw document.errors[0];
    return recordOf(document.toJS());
  });
}

/** The object of a kind; the first one with that name when there are several. */
export function objectOf(
  objects: readonly JsonRecord[],
  kind: string,
  name = 'bucketwarden',
): JsonRecord {
  const found = objects.find((object) => object['kind'] === kind && nameOf(object) === name);
  if (found === undefined) throw new Error(`no ${kind} "${name}"`);
  return found;
}

export function nameOf(object: JsonRecord): string {
  return textOf(valueAt(object, ['metadata', 'name'])) ?? '';
}
