import { isDeepStrictEqual } from 'node:util';
import { listOf, recordOf, textOf, type JsonRecord } from '../admission/json.ts';
import { limits } from '../limits.ts';
import type { CompiledPolicy } from '../engine/compiled-policy.ts';
import { examineTenant, type TenantFindings } from './examine-tenant.ts';
import { namespaceStatus, type CreationTimeOf, type NamespaceStatus } from './namespace-status.ts';
import type { StoredTenant } from './stored-tenant.ts';

/** What `kubectl get stn` and `kubectl wait --for=condition=Ready` show. */
export interface TenantStatus {
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
  readonly counts: {
    readonly namespaces: number;
    readonly buckets: number;
    readonly grants: number;
    readonly preexistingNamespaces: number;
  };
  readonly namespaces: readonly NamespaceStatus[];
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
 * force; Conflict when it claims what another tenant claims. The platform team reads it, so it names
 * that tenant.
 */
export function buildTenantStatus(
  tenant: StoredTenant,
  {
    policy,
    ruleIds,
    creationTimeOf,
    now,
  }: {
    readonly policy: CompiledPolicy;
    readonly ruleIds: ReadonlySet<string>;
    readonly creationTimeOf: CreationTimeOf;
    readonly now: Date;
  },
): TenantStatus {
  const { declaration, generation } = tenant;
  const { spec } = declaration;
  const existing = { has: (name: string) => creationTimeOf(name) !== undefined };
  const findings = examineTenant(tenant, { policy, ruleIds, namespaces: existing });
  const namespaces = namespaceStatus(tenant, creationTimeOf);
  const preexisting = namespaces.flatMap(({ name, existedBefore }) =>
    existedBefore ? [name] : [],
  );
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
      condition('Ready', readiness(findings, preexisting)),
      condition('Conflict', conflict(findings)),
    ],
    counts: {
      namespaces: spec.namespaces.length,
      buckets: spec.buckets?.length ?? 0,
      grants: compiled?.grants.length ?? 0,
      preexistingNamespaces: preexisting.length,
    },
    namespaces,
  };
}

/** True when the object already says so; times of transitions do not matter. */
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
    Object.entries(wanted.counts).every(([name, count]) => counts[name] === count) &&
    isDeepStrictEqual(listOf(status['namespaces']), wanted.namespaces)
  );
}

type Outcome = Pick<Condition, 'status' | 'reason' | 'message'>;

function readiness(
  { unreadable, invalid, conflicts }: TenantFindings,
  preexisting: readonly string[],
): Outcome {
  if (unreadable.length > 0) {
    return { status: 'False', reason: 'Unreadable', message: sentence(unreadable) };
  }
  if (invalid.length > 0) {
    return { status: 'False', reason: 'Invalid', message: sentence(invalid) };
  }
  if (conflicts.length > 0) {
    return { status: 'False', reason: 'Conflict', message: sentence(conflicts.map(conflictText)) };
  }
  return {
    status: 'True',
    reason: 'Loaded',
    message: [inForce, ...toldOf(preexisting)].join('; '),
  };
}

const inForce = 'valid, without conflict, in force';

/** What ran in a namespace before the tenant listed it was not judged, and has no storage identity. */
function toldOf(preexisting: readonly string[]): readonly string[] {
  if (preexisting.length === 0) return [];
  const shown = preexisting.slice(0, limits.maxReportedViolations);
  const rest = preexisting.length - shown.length;
  const names = shown.map((name) => `"${name}"`).join(', ');
  return [
    `namespaces that existed before they were listed: ${names}${rest > 0 ? ` and ${rest} more` : ''}`,
    'recreate their pods, and check what else is in them',
  ];
}

function conflict({ conflicts }: TenantFindings): Outcome {
  return conflicts.length > 0
    ? { status: 'True', reason: 'Overlap', message: sentence(conflicts.map(conflictText)) }
    : { status: 'False', reason: 'None', message: 'no other tenant claims the same' };
}

function conflictText({ field, problem }: TenantFindings['conflicts'][number]): string {
  return `${field}: ${problem}`;
}

/** The first problems, and how many more there are. */
function sentence(problems: readonly string[]): string {
  const shown = problems.slice(0, limits.maxReportedViolations);
  const rest = problems.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
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
