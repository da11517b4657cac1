import type { Mistyped } from '../objects/shape.ts';
import type { Reading } from './rule.ts';

/** What a subject read, unless a field is mistyped: whatever that hides was not judged. */
export function readingOf<About>(mistyped: readonly Mistyped[], read: () => About): Reading<About> {
  if (mistyped.length === 0) return { kind: 'read', about: read() };
  const violations = mistyped.map((field) => ({
    ...field,
    fix: 'Give the field its documented type',
  }));
  return { kind: 'mistyped', violations };
}
