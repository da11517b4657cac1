/** Untrusted JSON, read without trusting it: a wrong type reads as absent, never as a crash. */

export type JsonRecord = Readonly<Record<string, unknown>>;

/** True for a plain JSON object; arrays and null are not records. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for a record without members. */
export function isEmptyRecord(record: JsonRecord): boolean {
  for (const key in record) if (Object.hasOwn(record, key)) return false;
  return true;
}

const nothing: JsonRecord = Object.freeze({});
const none: readonly unknown[] = Object.freeze([]);

/** The value as a record, an empty one when it is anything else. */
export function recordOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : nothing;
}

/** The value as a list, an empty one when it is anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : none;
}

/** The value as a string, undefined when it is anything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The record's own value under `key`; inherited names such as "constructor" are not there. */
export function ownValue(record: JsonRecord, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** True when records and lists are nested more than `levels` deep; looks no deeper than that. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'object' && isDeeperThan(item, levels - 1)) return true;
    }
  } else if (isRecord(value)) {
    for (const key in value) {
      const member = value[key];
      if (typeof member === 'object' && isDeeperThan(member, levels - 1)) return true;
    }
  }
  return false;
}

/** Follows `keys` through records; undefined as soon as one is missing. */
export function valueAt(root: unknown, keys: readonly (string | number)[]): unknown {
  let value = root;
  for (const key of keys) {
    if (typeof key === 'number') value = listOf(value)[key];
    else value = ownValue(recordOf(value), key);
  }
  return value;
}
