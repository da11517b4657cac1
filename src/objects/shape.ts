import type { FieldPath } from '../admission/field-path.ts';
import { limits } from '../limits.ts';
import { isRecord, ownValue, recordOf, type JsonRecord } from '../admission/json.ts';

/**
 * The types of the fields that rules read, written like the object itself. A field that is absent or
 * null fits every shape; inside a list null does not. Fields that are not named may be anything.
 */
export type Shape =
  | 'text'
  | 'record'
  | { readonly list: Shape }
  /** A record whose values all have one shape, such as labels. */
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

/** A field whose type is wrong; `reason` follows its path. */
export interface Mistyped {
  readonly path: FieldPath;
  readonly reason: string;
}

/**
 * The fields of `value` that do not fit, in order; nothing below a misfit is looked at. The first ones are
 * listed and the rest is counted at `path`, so that a list of nothing but misfits is not made longer.
 */
export function mistypedFields(value: unknown, shape: Shape, path: FieldPath): Mistyped[] {
  const search: Search = { path: [...path], found: [], unlisted: 0 };
  collect(value, shape, search);
  const { found, unlisted } = search;
  if (unlisted > 0) found.push({ path, reason: `has ${unlisted} more fields of the wrong type` });
  return found;
}

/** The first value on the way to `path`, its end included, that is there and is not an object. */
export function mistypedAlong(root: JsonRecord, path: FieldPath): Mistyped[] {
  let value: unknown = root;
  for (const [index, key] of path.entries()) {
    value = ownValue(recordOf(value), String(key));
    if (value === undefined || value === null) return [];
    if (!isRecord(value)) {
      return [{ path: path.slice(0, index + 1), reason: mistypedReason(value, 'an object') }];
    }
  }
  return [];
}

interface Search {
  /** Where the search is now; changed in place, because nearly every object fits. */
  readonly path: (string | number)[];
  readonly found: Mistyped[];
  unlisted: number;
}

function collect(value: unknown, shape: Shape, search: Search): void {
  if (value === undefined || value === null) return;
  if (shape === 'text') {
    if (typeof value !== 'string') report(value, 'a string', search);
  } else if (typeof shape === 'object' && 'list' in shape) {
    if (Array.isArray(value)) collectItems(value, shape.list, search);
    else report(value, 'a list', search);
  } else if (isRecord(value)) {
    if (shape !== 'record') collectMembers(value, shape, search);
  } else {
    report(value, 'an object', search);
  }
}

function collectMembers(
  value: JsonRecord,
  shape: Extract<Shape, { map: Shape } | { fields: object }>,
  search: Search,
): void {
  if ('map' in shape) {
    for (const key in value) collectAt(key, { value: value[key], shape: shape.map }, search);
    return;
  }
  for (const key in shape.fields) {
    const field = shape.fields[key];
    if (field !== undefined) collectAt(key, { value: value[key], shape: field }, search);
  }
}

function collectItems(items: readonly unknown[], shape: Shape, search: Search): void {
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (item === null) {
      const wanted = shape === 'text' ? 'a string' : 'an object';
      search.path.push(index);
      report(item, wanted, search);
      search.path.pop();
    } else {
      collectAt(index, { value: item, shape }, search);
    }
  }
}

function collectAt(
  key: string | number,
  { value, shape }: { readonly value: unknown; readonly shape: Shape },
  search: Search,
): void {
  search.path.push(key);
  collect(value, shape, search);
  search.path.pop();
}

function report(value: unknown, wanted: string, search: Search): void {
  const { path, found } = search;
  if (found.length >= limits.maxReportedViolations) search.unlisted++;
  else found.push({ path: [...path], reason: mistypedReason(value, wanted) });
}

function mistypedReason(value: unknown, wanted: string): string {
  return `must be ${wanted}, found ${nameOfType(value)}`;
}

function nameOfType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
