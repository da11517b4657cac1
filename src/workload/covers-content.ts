import { isRecord, ownValue } from '../admission/json.ts';

/**
 * True when `found` holds everything that `wanted` says. Members that only `found` has may be defaults
 * of a newer API server; a list, however, must have exactly the wanted entries.
 */
export function coversContent(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(found) &&
      found.length === wanted.length &&
      wanted.every((item, index) => coversContent(found[index], item))
    );
  }
  if (!isRecord(wanted)) return found === wanted;
  return (
    isRecord(found) &&
    Object.entries(wanted).every(([key, value]) => coversContent(ownValue(found, key), value))
  );
}
