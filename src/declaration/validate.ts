import { Validator, type OutputUnit, type Schema } from '@cfworker/json-schema';
import type { FieldPath } from '../admission/field-path.ts';
import { isRecord, listOf, recordOf, textOf, valueAt, type JsonRecord } from '../admission/json.ts';
import { findBrokenCelRules } from './cel.ts';

/** One thing wrong with a declaration; `path` leads to the value, or to where it is missing. */
export interface DeclarationProblem {
  readonly path: FieldPath;
  readonly message: string;
}

/**
 * Everything wrong with a value by its schema: types and ranges first, then duplicates and CEL rules,
 * as the API server does with the CRD made from the same schema. Empty when the value is good.
 */
export function validateBySchema(value: unknown, schema: JsonRecord): DeclarationProblem[] {
  const { errors } = new Validator(schema as Schema, '2020-12', false).validate(value);
  const structural = errors.filter(isLeaf).map((unit) => describe(unit, { value, schema }));
  if (structural.length > 0) return dedupe(structural);
  return [...findDuplicates(value, schema, []), ...findBrokenCelRules(value, schema)];
}

/** Errors of containers only repeat that something inside them is wrong. */
function isLeaf({ keyword }: OutputUnit): boolean {
  return !['properties', 'items', 'additionalProperties'].includes(keyword);
}

function describe(
  { keyword, keywordLocation, instanceLocation, error }: OutputUnit,
  { value, schema }: { readonly value: unknown; readonly schema: JsonRecord },
): DeclarationProblem {
  const path = pathOf(instanceLocation, value);
  if (keyword === 'false') return { path, message: unknownField(path, schema) };
  const limit = valueAt(schema, pathOf(keywordLocation, schema));
  if (keyword === 'required') {
    const missing = listOf(limit).find((name) => error.endsWith(`"${String(name)}".`));
    return { path, message: `"${String(missing)}" is missing` };
  }
  const found = JSON.stringify(valueAt(value, path)).slice(0, 80);
  const ownWords = keyword === 'pattern' ? wordsFor(keywordLocation, schema) : undefined;
  return { path, message: `${found} ${ownWords ?? expectation(keyword, limit)}` };
}

/** The schema's own description of its pattern. */
function wordsFor(keywordLocation: string, schema: JsonRecord): string | undefined {
  const node = valueAt(schema, pathOf(keywordLocation, schema).slice(0, -1));
  return textOf(recordOf(node)['errorMessage']);
}

function expectation(keyword: string, limit: unknown): string {
  const wanted = Array.isArray(limit)
    ? limit.map((item) => `"${String(item)}"`).join(', ')
    : String(limit);
  switch (keyword) {
    case 'type':
      return `must be ${/^[aeiou]/.test(wanted) ? 'an' : 'a'} ${wanted}`;
    case 'enum':
      return `must be one of ${wanted}`;
    case 'pattern':
      return `must match ${wanted}`;
    case 'minLength':
      return `must have at least ${wanted} characters`;
    case 'maxLength':
      return `must have at most ${wanted} characters`;
    case 'minItems':
      return `must have at least ${wanted} entries`;
    case 'maxItems':
    case 'maxProperties':
      return `must have at most ${wanted} entries`;
    case 'minimum':
      return `must be at least ${wanted}`;
    case 'maximum':
      return `must be at most ${wanted}`;
    default:
      return `breaks ${keyword}: ${wanted}`;
  }
}

function unknownField(path: FieldPath, schema: JsonRecord): string {
  let node: unknown = schema;
  for (const segment of path.slice(0, -1)) {
    const { properties, items, additionalProperties } = recordOf(node);
    node =
      typeof segment === 'number' ? items : (recordOf(properties)[segment] ?? additionalProperties);
  }
  const known = Object.keys(recordOf(recordOf(node)['properties'])).sort();
  return `unknown field; known here: ${known.join(', ')}`;
}

/** Lists that Kubernetes keeps as sets or maps hold no key twice. */
function findDuplicates(value: unknown, schema: JsonRecord, path: FieldPath): DeclarationProblem[] {
  if (Array.isArray(value)) {
    const seen = new Set<string>();
    return value.flatMap((item: unknown, index) => {
      const here = [...path, index];
      const key = identity(item, schema);
      const repeated = key !== undefined && seen.has(key);
      if (key !== undefined) seen.add(key);
      const own = repeated ? [{ path: here, message: `${key} stands here twice` }] : [];
      return [...own, ...findDuplicates(item, recordOf(schema['items']), here)];
    });
  }
  if (!isRecord(value)) return [];
  const properties = recordOf(schema['properties']);
  return Object.entries(value).flatMap(([key, member]) =>
    findDuplicates(member, recordOf(properties[key] ?? schema['additionalProperties']), [
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
