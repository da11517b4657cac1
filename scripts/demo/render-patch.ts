import type { PatchOperation } from '../../src/admission/json-patch.ts';

/** Enough of a value to recognise it; the attestation alone is longer than a line. */
const maxValueLength = 96;

/** One line per operation, values cut to a line. */
export function renderPatch(patch: readonly PatchOperation[]): string[] {
  return patch.map(({ op, path, value }) => {
    const text = JSON.stringify(value);
    return `${op} ${path} ${text.length > maxValueLength ? `${text.slice(0, maxValueLength - 1)}…` : text}`;
  });
}
