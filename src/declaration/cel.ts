import { parse } from '@marcbachmann/cel-js';
import type { FieldPath } from '../admission/field-path.ts';
import {
  isEmptyRecord,
  isRecord,
  listOf,
  ownValue,
  recordOf,
  textOf,
  type JsonRecord,
} from '../admission/json.ts';

interface BrokenRule {
  readonly path: FieldPath;
  readonly message: string;
}

/**
 * Evaluates every `x-kubernetes-validations` rule of a schema on the values it applies to, as the API
 * server does for the CRD. The value must already fit the schema's types.
 */
export function findBrokenCelRules(
  value: unknown,
  schema: JsonRecord,
  path: FieldPath = [],
): BrokenRule[] {
  // Whatever else a user writes is below no schema, and may be long.
  if (isEmptyRecord(schema)) return [];
  const own = listOf(schema['x-kubernetes-validations']).flatMap((entry) => {
    const { rule, message } = recordOf(entry);
    return holds(textOf(rule) ?? 'false', value) ? [] : [{ path, message: textOf(message) ?? '' }];
  });
  return [...own, ...inside(value, schema, path)];
}

function inside(value: unknown, schema: JsonRecord, path: FieldPath): BrokenRule[] {
  if (Array.isArray(value)) {
    const items = recordOf(schema['items']);
    return value.flatMap((item, index) => findBrokenCelRules(item, items, [...path, index]));
  }
  if (!isRecord(value)) return [];
  const properties = recordOf(schema['properties']);
  return Object.entries(value).flatMap(([key, member]) => {
    const memberSchema = recordOf(ownValue(properties, key) ?? schema['additionalProperties']);
    return findBrokenCelRules(member, memberSchema, [...path, key]);
  });
}

/** A rule that cannot be evaluated does not hold: the API server refuses the object then, too. */
function holds(rule: string, self: unknown): boolean {
  try {
    return compile(rule)({ self }) === true;
  } catch {
    return false;
  }
}

const compiled = new Map<string, ReturnType<typeof parse>>();

/** There are few rules and many values to try them on. */
function compile(rule: string): ReturnType<typeof parse> {
  const known = compiled.get(rule) ?? parse(rule);
  compiled.set(rule, known);
  return known;
}
