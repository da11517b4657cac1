import { isRecord, recordOf, type JsonRecord } from '../admission/json.ts';

/**
 * The value with every default of its schema filled in, as the API server's structural defaulting
 * does it: an absent member takes its default, and defaults inside that default apply in turn.
 */
export function withDefaults(value: unknown, schema: JsonRecord): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => withDefaults(item, recordOf(schema['items'])));
  }
  if (!isRecord(value)) return value;
  const properties = recordOf(schema['properties']);
  const filled: Record<string, unknown> = { ...value };
  for (const [name, memberSchema] of Object.entries(properties)) {
    const member = filled[name] ?? recordOf(memberSchema)['default'];
    if (member !== undefined) filled[name] = withDefaults(member, recordOf(memberSchema));
  }
  return filled;
}
