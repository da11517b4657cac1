import type { PatchOperation } from '../../admission/json-patch.ts';

/** What every output format is made from. */
export interface Report {
  readonly results: readonly Result[];
  readonly errors: readonly ReportedError[];
  /** The kind of each object that nobody judges, or that stands where nobody does. */
  readonly skippedKinds: readonly string[];
  readonly summary: Summary;
}

/** One object that was judged. */
export interface Result {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly apiVersion: string;
  readonly kind: string;
  /** "" for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  /** "" outside tenants. */
  readonly tenant: string;
  readonly allowed: boolean;
  readonly violations: readonly ReportedViolation[];
  /** What kubectl would show. */
  readonly warnings: readonly string[];
  readonly patch: readonly PatchOperation[];
}

export interface ReportedViolation {
  readonly rule: string;
  readonly action: 'Deny' | 'Warn';
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix: string;
}

/** Input that could not be judged. */
export interface ReportedError {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Objects, not findings. `warned` counts those that are allowed with a warning. */
export interface Summary {
  readonly checked: number;
  readonly denied: number;
  readonly warned: number;
  readonly skipped: number;
}

/** Counts results. */
export function summarize(results: readonly Result[], skipped: number): Summary {
  return {
    checked: results.length,
    denied: results.filter(({ allowed }) => !allowed).length,
    warned: results.filter(({ allowed, warnings }) => allowed && warnings.length > 0).length,
    skipped,
  };
}
