import { formatPath } from '../admission/field-path.ts';
import { listOf, recordOf, textOf, type JsonRecord } from '../admission/json.ts';
import { limits } from '../limits.ts';
import type { DeclarationProblem } from '../declaration/validate.ts';
import type { PolicyState } from '../engine/state.ts';
import { TenantIndex } from '../tenant/tenant-index.ts';
import { tenantProblems } from '../tenant/tenant-problems.ts';
import type { StoredTenant } from './stored-tenant.ts';

/** What `kubectl get stn` and `kubectl wait --for=condition=Ready` show. */
export interface TenantStatus {
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
  readonly counts: {
    readonly namespaces: number;
    readonly buckets: number;
    readonly grants: number;
  };
}

interface Condition {
  readonly type: 'Ready' | 'Conflict';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
}

/**
 * The status a tenant should have: Ready when its declaration has been read, has no problem and is in
 * force; Conflict when it claims what another tenant claims. Platform people read it, so it names
 * that tenant.
 */
export function buildTenantStatus(
  tenant: StoredTenant,
  {
    policy,
    ruleIds,
    now,
  }: {
    readonly policy: PolicyState;
    readonly ruleIds: ReadonlySet<string>;
    readonly now: Date;
  },
): TenantStatus {
  const { declaration, generation, problems: unreadable } = tenant;
  const { spec } = declaration;
  const problemsBeside = (tenants: TenantIndex): readonly DeclarationProblem[] =>
    tenantProblems(declaration, { tenants, settings: policy.settings, ruleIds });
  const all = problemsBeside(policy.tenants);
  // What goes away when nobody else is there is a conflict.
  const own = new Set(problemsBeside(new TenantIndex([declaration])).map(problemText));
  const texts = all.map(problemText);
  const conflicts = texts.filter((text) => !own.has(text));
  const invalid =
    unreadable.length > 0 ? unreadable.map(problemText) : texts.filter((text) => own.has(text));
  const compiled = policy.tenants.tenants.get(tenant.name);
  const condition = (type: Condition['type'], outcome: Outcome): Condition => ({
    type,
    ...outcome,
    observedGeneration: generation,
    lastTransitionTime: transitionTime(tenant.status, { type, outcome, now }),
  });
  return {
    observedGeneration: generation,
    conditions: [
      condition('Ready', readiness({ unreadable: unreadable.length > 0, invalid, conflicts })),
      condition('Conflict', conflict(conflicts)),
    ],
    counts: {
      namespaces: spec.namespaces.length,
      buckets: spec.buckets?.length ?? 0,
      grants: compiled?.grants.length ?? 0,
    },
  };
}

/** True when the object already says so; times do not count. */
export function hasStatus({ status }: StoredTenant, wanted: TenantStatus): boolean {
  const said = new Map(
    listOf(status['conditions']).map((one) => [textOf(recordOf(one)['type']), recordOf(one)]),
  );
  const counts = recordOf(status['counts']);
  return (
    status['observedGeneration'] === wanted.observedGeneration &&
    wanted.conditions.every((one) => {
      const found = said.get(one.type);
      return (
        found?.['status'] === one.status &&
        found['reason'] === one.reason &&
        found['message'] === one.message &&
        found['observedGeneration'] === one.observedGeneration
      );
    }) &&
    Object.entries(wanted.counts).every(([name, count]) => counts[name] === count)
  );
}

type Outcome = Pick<Condition, 'status' | 'reason' | 'message'>;

function readiness(given: {
  readonly unreadable: boolean;
  readonly invalid: readonly string[];
  readonly conflicts: readonly string[];
}): Outcome {
  const { unreadable, invalid, conflicts } = given;
  if (unreadable) return { status: 'False', reason: 'Unreadable', message: sentence(invalid) };
  if (invalid.length > 0) {
    return { status: 'False', reason: 'Invalid', message: sentence(invalid) };
  }
  if (conflicts.length > 0) {
    return { status: 'False', reason: 'Conflict', message: sentence(conflicts) };
  }
  return { status: 'True', reason: 'Loaded', message: 'valid, without conflict, in force' };
}

function conflict(conflicts: readonly string[]): Outcome {
  return conflicts.length > 0
    ? { status: 'True', reason: 'Overlap', message: sentence(conflicts) }
    : { status: 'False', reason: 'None', message: 'no other tenant claims the same' };
}

/** The first problems, and how many more there are. */
function sentence(problems: readonly string[]): string {
  const shown = problems.slice(0, limits.maxReportedViolations);
  const rest = problems.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}

function problemText({ path, message }: DeclarationProblem): string {
  return path.length === 0 ? message : `${formatPath(path)}: ${message}`;
}

function transitionTime(
  status: JsonRecord,
  { type, outcome, now }: { readonly type: string; readonly outcome: Outcome; readonly now: Date },
): string {
  const before = listOf(status['conditions'])
    .map(recordOf)
    .find((one) => one['type'] === type);
  const since = textOf(before?.['lastTransitionTime']);
  const isSame = before?.['status'] === outcome.status;
  // Kubernetes' times have whole seconds.
  return isSame && since !== undefined ? since : `${now.toISOString().slice(0, 19)}Z`;
}
