import type { FieldPath } from '../admission/field-path.ts';

/** One thing that is wrong with the identity a pod carries; becomes a violation of storage-identity. */
export interface IdentityProblem {
  readonly path: FieldPath;
  /** What was found. With the path it distinguishes an old problem from a new one. */
  readonly value: string;
  readonly reason: string;
  readonly fix?: string;
  readonly limit?: 'Warn';
}

/** False for what only deserves a warning. */
export function isContradiction({ limit }: Pick<IdentityProblem, 'limit'>): boolean {
  return limit !== 'Warn';
}

/** A value as messages show it, cut so that nothing long is repeated. */
export function quoted(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value).slice(0, 120);
}

/** A value as text that distinguishes it from other values; strings as they are. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : quoted(value);
}
