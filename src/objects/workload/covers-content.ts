import { isRecord, ownValue } from '../../admission/json.ts';

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
  if (!isRecord(found)) return false;
  for (const key in wanted) {
    if (!coversContent(ownValue(found, key), wanted[key])) return false;
  }
  return true;
}
