import type { FieldPath } from '../admission/field-path.ts';
import { isEmptyRecord, isRecord, ownValue, recordOf, type JsonRecord } from '../admission/json.ts';

interface SizeProblem {
  readonly path: FieldPath;
  readonly message: string;
}

/**
 * Lists, maps and texts of more than twice the size that their schema allows. They are found before
 * anything else is validated, because a validator reports each of ten thousand wrong entries. What is
 * only somewhat too long is left to the validator, which shows the value.
 */
export function findOversized(
  value: unknown,
  schema: JsonRecord,
  path: FieldPath = [],
): SizeProblem[] {
  if (isEmptyRecord(schema)) return [];
  const problem = sizeProblem(value, schema);
  if (problem !== undefined) return [{ path, message: problem }];
  if (Array.isArray(value)) {
    const items = recordOf(schema['items']);
    return value.flatMap((item, index) => findOversized(item, items, [...path, index]));
  }
  if (!isRecord(value)) return [];
  const fields = recordOf(schema['properties']);
  const others = recordOf(schema['additionalProperties']);
  const isMap = isRecord(schema['additionalProperties']);
  return Object.keys(isMap ? value : fields).flatMap((key) =>
    findOversized(ownValue(value, key), recordOf(ownValue(fields, key) ?? others), [...path, key]),
  );
}

function sizeProblem(value: unknown, schema: JsonRecord): string | undefined {
  if (Array.isArray(value)) return tooMany(value.length, schema['maxItems'], 'entries');
  if (typeof value === 'string') return tooMany(value.length, schema['maxLength'], 'characters');
  if (!isRecord(value)) return undefined;
  return tooMany(Object.keys(value).length, schema['maxProperties'], 'entries');
}

function tooMany(found: number, most: unknown, what: 'entries' | 'characters'): string | undefined {
  // Strings are measured in UTF-16 units, of which a character has one or two.
  if (typeof most !== 'number' || found <= 2 * most) return undefined;
  return `has ${found} ${what}; at most ${most} are allowed`;
}
