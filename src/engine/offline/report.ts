import type { PatchOperation } from '../../admission/json-patch.ts';

/** What every output format is made from. */
export interface Report {
  readonly results: readonly Result[];
  readonly errors: readonly ReportedError[];
  readonly summary: Summary;
}

/** Why no rule looked at an object. */
export type SkipReason = 'kind' | 'exempt-namespace' | 'platform-namespace' | 'not-a-manifest';

/** One object or document that no rule looked at. */
export interface Skipped {
  readonly reason: SkipReason;
  /** The kind, the namespace or the file that is the reason. */
  readonly name: string;
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

/** Numbers of objects, not of findings. */
export interface Summary {
  readonly checked: number;
  readonly denied: number;
  /** Allowed with a warning. */
  readonly warned: number;
  readonly skipped: number;
  /** Denied, and with a warning besides. */
  readonly deniedAndWarned: number;
  readonly skippedBecause: readonly SkipGroup[];
}

/** What was skipped for one reason. */
export interface SkipGroup {
  readonly reason: SkipReason;
  readonly count: number;
  /** The kinds, namespaces or files, sorted, each once. */
  readonly names: readonly string[];
}

/** Counts what a report holds. */
export function summarize(results: readonly Result[], skipped: readonly Skipped[]): Summary {
  const isWarned = ({ warnings }: Result): boolean => warnings.length > 0;
  const denied = results.filter(({ allowed }) => !allowed);
  return {
    checked: results.length,
    denied: denied.length,
    warned: results.filter((result) => result.allowed && isWarned(result)).length,
    skipped: skipped.length,
    deniedAndWarned: denied.filter(isWarned).length,
    skippedBecause: skipReasons.flatMap((reason) => {
      const names = skipped.filter((one) => one.reason === reason).map(({ name }) => name);
      const group = { reason, count: names.length, names: [...new Set(names)].sort() };
      return names.length === 0 ? [] : [group];
    }),
  };
}

const skipReasons: readonly SkipReason[] = [
  'kind',
  'exempt-namespace',
  'platform-namespace',
  'not-a-manifest',
];
