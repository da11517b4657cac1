import type { FieldPath } from './field-path.ts';

/** One RFC 6902 operation; the only kinds Bucketwarden ever sends. */
export type PatchOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'replace'; readonly path: string; readonly value: unknown };

/** RFC 6901 pointer: `~` becomes `~0`, `/` becomes `~1`. */
export function pointer(path: FieldPath): string {
  let text = '';
  for (const segment of path) text += `/${escapeSegment(segment)}`;
  return text;
}

/** Appends to the list at `path` (`-` is the RFC's name for the position after the last element). */
export function append(path: FieldPath, value: unknown): PatchOperation {
  return { op: 'add', path: `${pointer(path)}/-`, value };
}

/** Adds the member at `path`, whose parent must exist. */
export function add(path: FieldPath, value: unknown): PatchOperation {
  return { op: 'add', path: pointer(path), value };
}

/** Replaces what is at `path`, which must exist. */
export function replace(path: FieldPath, value: unknown): PatchOperation {
  return { op: 'replace', path: pointer(path), value };
}

function escapeSegment(segment: string | number): string | number {
  if (typeof segment === 'number') return segment;
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}
