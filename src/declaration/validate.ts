import { Validator, type OutputUnit } from '@cfworker/json-schema';
import type { FieldPath } from '../admission/field-path.ts';
import {
  isEmptyRecord,
  isRecord,
  listOf,
  ownValue,
  recordOf,
  textOf,
  valueAt,
  type JsonRecord,
} from '../admission/json.ts';
import { findBrokenCelRules } from './cel.ts';
import { findOversized } from './oversized.ts';

/** One thing wrong with a declaration; `path` leads to the value, or to where it is missing. */
export interface DeclarationProblem {
  readonly path: FieldPath;
  readonly message: string;
}

/**
 * Everything that is wrong with a value by its schema: types and ranges first, then duplicates and CEL
 * rules, in the order of the API server with the CRD made from the same schema. Empty when the value is
 * valid.
 */
export function validateBySchema(value: unknown, schema: JsonRecord): DeclarationProblem[] {
  const oversized = findOversized(value, schema);
  if (oversized.length > 0) return oversized.slice(0, maxDescribedErrors);
  const illFormed = findIllFormedKeys(value);
  if (illFormed.length > 0) return illFormed;
  const { errors } = new Validator(schema, '2020-12', false).validate(value);
  const structural = errors
    .filter(isLeaf)
    .slice(0, maxDescribedErrors)
    .flatMap((unit) => describe(unit, { value, schema }));
  if (structural.length > 0) return dedupe(withoutEchoes(structural));
  const duplicates = findDuplicates(value, schema, []).slice(0, maxDescribedErrors);
  return [...duplicates, ...findBrokenCelRules(value, schema)];
}

/** More problems than anybody reads at once; each is described by walking through value and schema. */
const maxDescribedErrors = 100;

/** Half a surrogate pair cannot be written as UTF-8, so no API server has ever stored such a field. */
function findIllFormedKeys(root: unknown): DeclarationProblem[] {
  const problems: DeclarationProblem[] = [];
  const path: (string | number)[] = [];
  const visit = (node: object): void => {
    for (const [key, member] of entriesOf(node)) {
      if (!key.isWellFormed()) {
        problems.push({
          path: [...path],
          message: `${JSON.stringify(key)} is not a valid field name`,
        });
      } else if (typeof member === 'object' && member !== null) {
        path.push(Array.isArray(node) ? Number(key) : key);
        visit(member);
        path.pop();
      }
    }
  };
  if (typeof root === 'object' && root !== null) visit(root);
  return problems.slice(0, maxDescribedErrors);
}

function entriesOf(node: object): [string, unknown][] {
  return Object.entries(node);
}

interface StructuralProblem extends DeclarationProblem {
  readonly keyword: string;
}

/** A value of the wrong type breaks every other rule of its schema too; only the type is reported. */
function withoutEchoes(problems: readonly StructuralProblem[]): readonly DeclarationProblem[] {
  const mistyped = new Set(
    problems.flatMap(({ keyword, path }) => (keyword === 'type' ? [JSON.stringify(path)] : [])),
  );
  return problems
    .filter(({ keyword, path }) => keyword === 'type' || !mistyped.has(JSON.stringify(path)))
    .map(({ path, message }) => ({ path, message }));
}

/** Errors of containers only repeat that something inside is wrong. */
function isLeaf({ keyword }: OutputUnit): boolean {
  return !['properties', 'items', 'additionalProperties'].includes(keyword);
}

function describe(
  { keyword, keywordLocation, instanceLocation }: OutputUnit,
  { value, schema }: { readonly value: unknown; readonly schema: JsonRecord },
): StructuralProblem[] {
  const path = pathOf(instanceLocation, value);
  if (keyword === 'false') return [{ keyword, path, message: unknownField(path, schema) }];
  const limit = valueAt(schema, pathOf(keywordLocation, schema));
  const member = valueAt(value, path);
  if (keyword === 'required') {
    // The validator reports each missing field, but names it only in a sentence.
    return listOf(limit)
      .map(String)
      .filter((name) => ownValue(recordOf(member), name) === undefined)
      .map((name) => ({ keyword, path, message: `"${name}" is missing` }));
  }
  const found = shown(member);
  const ownWords = keyword === 'pattern' ? wordsFor(keywordLocation, schema) : undefined;
  return [{ keyword, path, message: `${found} ${ownWords ?? expectation(keyword, limit)}` }];
}

/** Longest value repeated in a message. */
const maxShownCharacters = 80;

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > maxShownCharacters ? `${text.slice(0, maxShownCharacters)}…` : text;
}

/** The schema's own description of its pattern. */
function wordsFor(keywordLocation: string, schema: JsonRecord): string | undefined {
  const node = valueAt(schema, pathOf(keywordLocation, schema).slice(0, -1));
  return textOf(recordOf(node)['errorMessage']);
}

const expectations: ReadonlyMap<string, (limit: string) => string> = new Map([
  ['type', (type) => `must be ${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`],
  ['enum', (values) => `must be one of ${values}`],
  ['pattern', (pattern) => `must match ${pattern}`],
  ['minLength', (count) => `must have at least ${counted(count, 'character', 'characters')}`],
  ['maxLength', (count) => `must have at most ${counted(count, 'character', 'characters')}`],
  ['minItems', (count) => `must have at least ${counted(count, 'entry', 'entries')}`],
  ['maxItems', (count) => `must have at most ${counted(count, 'entry', 'entries')}`],
  ['maxProperties', (count) => `must have at most ${counted(count, 'entry', 'entries')}`],
  ['minimum', (limit) => `must be at least ${limit}`],
  ['maximum', (limit) => `must be at most ${limit}`],
]);

function expectation(keyword: string, limit: unknown): string {
  const wanted = Array.isArray(limit)
    ? limit.map((item) => `"${String(item)}"`).join(', ')
    : String(limit);
  return expectations.get(keyword)?.(wanted) ?? `breaks ${keyword}: ${wanted}`;
}

function counted(count: string, one: string, many: string): string {
  return `${count} ${count === '1' ? one : many}`;
}

function unknownField(path: FieldPath, schema: JsonRecord): string {
  let node: unknown = schema;
  for (const segment of path.slice(0, -1)) {
    const { properties, items, additionalProperties } = recordOf(node);
    node =
      typeof segment === 'number'
        ? items
        : (ownValue(recordOf(properties), segment) ?? additionalProperties);
  }
  const known = Object.keys(recordOf(recordOf(node)['properties'])).sort();
  return `unknown field; known here: ${known.join(', ')}`;
}

/** Lists that Kubernetes keeps as sets or maps cannot hold a key twice. */
function findDuplicates(value: unknown, schema: JsonRecord, path: FieldPath): DeclarationProblem[] {
  if (isEmptyRecord(schema)) return [];
  if (Array.isArray(value)) {
    const seen = new Set<string>();
    return value.flatMap((item: unknown, index) => {
      const here = [...path, index];
      const key = identity(item, schema);
      const repeated = key !== undefined && seen.has(key);
      if (key !== undefined) seen.add(key);
      const own = repeated ? [{ path: here, message: `${key} is listed twice` }] : [];
      return [...own, ...findDuplicates(item, recordOf(schema['items']), here)];
    });
  }
  if (!isRecord(value)) return [];
  const properties = recordOf(schema['properties']);
  return Object.entries(value).flatMap(([key, member]) =>
    findDuplicates(member, recordOf(ownValue(properties, key) ?? schema['additionalProperties']), [
      ...path,
      key,
    ]),
  );
}

function identity(item: unknown, listSchema: JsonRecord): string | undefined {
  const listType = listSchema['x-kubernetes-list-type'];
  if (listType === 'set') return JSON.stringify(item);
  if (listType !== 'map') return undefined;
  const keys = listOf(listSchema['x-kubernetes-list-map-keys']).map(String);
  return keys.map((key) => `${key} ${JSON.stringify(recordOf(item)[key])}`).join(', ');
}

/** "#/spec/buckets/0" to segments; a number only where the value really is a list. */
function pathOf(location: string, root: unknown): FieldPath {
  const path: (string | number)[] = [];
  let node = root;
  for (const part of location.split('/').slice(1)) {
    const text = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    const segment = Array.isArray(node) ? Number(text) : text;
    node = valueAt(node, [segment]);
    path.push(segment);
  }
  return path;
}

function dedupe(problems: readonly DeclarationProblem[]): DeclarationProblem[] {
  const byText = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...byText.values()];
}
