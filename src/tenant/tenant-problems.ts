import { parseBucketPattern } from '../bucket/bucket-pattern.ts';
import { cidrProblem, unknownRule } from '../declaration/config-problems.ts';
import type { StorageTenant } from '../declaration/storage-tenant.ts';
import type { DeclarationProblem } from '../declaration/validate.ts';
import { parseCidr } from '../host/address.ts';
import { classOf } from '../settings/settings.ts';
import { claimedBy, type TenantSurroundings } from './claims.ts';
import { bucketProblems } from './bucket-problems.ts';
import { hostProblems } from './host-problems.ts';

/** Everything a schema cannot see: overlaps with other tenants, traps in names, unknown rules. */
export function tenantProblems(
  declaration: StorageTenant,
  surroundings: TenantSurroundings,
): DeclarationProblem[] {
  return [
    ...namespaceProblems(declaration, surroundings),
    ...bucketProblems(declaration, surroundings),
    ...hostProblems(declaration, surroundings),
    ...cidrProblems(declaration, surroundings),
    ...externalBucketProblems(declaration, surroundings),
    ...ruleProblems(declaration, surroundings),
  ];
}

const nouns = {
  exempt: 'an exempt namespace',
  platform: 'a platform namespace',
  infrastructure: 'an infrastructure namespace',
} as const;

function namespaceProblems(
  { metadata, spec }: StorageTenant,
  { tenants, settings }: TenantSurroundings,
): DeclarationProblem[] {
  return spec.namespaces.flatMap((namespace, index) => {
    const path = ['spec', 'namespaces', index];
    const namespaceClass = classOf(settings, namespace);
    if (namespaceClass !== 'workload') {
      return [
        {
          path,
          message: `"${namespace}" is ${nouns[namespaceClass]}, which no tenant may claim`,
        },
      ];
    }
    return claimedBy(tenants.claimsOnNamespace(namespace), metadata.name).map((owner) => ({
      path,
      message: `"${namespace}" is already claimed by tenant "${owner}"`,
    }));
  });
}

function cidrProblems(
  { spec }: StorageTenant,
  { settings }: TenantSurroundings,
): DeclarationProblem[] {
  return (spec.egress?.cidrs ?? []).flatMap((text, index) => {
    const path = ['spec', 'egress', 'cidrs', index];
    const problem = cidrProblem(text);
    if (problem !== undefined) return [{ path, message: `"${text}" ${problem}` }];
    const range = parseCidr(text);
    const protectedRange = range && settings.protectedCidrs.overlapping(range);
    if (protectedRange === undefined) return [];
    return [{ path, message: `"${text}" overlaps the protected range "${protectedRange.text}"` }];
  });
}

/** A name declared to be elsewhere is never judged, so it must not be a bucket of this store. */
function externalBucketProblems(
  { spec }: StorageTenant,
  { tenants }: TenantSurroundings,
): DeclarationProblem[] {
  return (spec.externalBuckets ?? []).flatMap((text, index) => {
    const path = ['spec', 'externalBuckets', index];
    const parsed = parseBucketPattern(text);
    if ('problem' in parsed) return [{ path, message: `"${text}" ${parsed.problem}` }];
    const [owner] = tenants.claimsOnBuckets(parsed.pattern);
    if (owner === undefined) return [];
    return [
      { path, message: `"${text}" overlaps buckets of this store, claimed by tenant "${owner}"` },
    ];
  });
}

function ruleProblems(
  { spec }: StorageTenant,
  { ruleIds }: TenantSurroundings,
): DeclarationProblem[] {
  return [
    ...Object.keys(spec.ruleActions ?? {})
      .filter((rule) => !ruleIds.has(rule))
      .map((rule) => ({ path: ['spec', 'ruleActions', rule], message: unknownRule(rule) })),
    ...(spec.exemptions ?? []).flatMap(({ rule, expires }, index) => {
      const path = ['spec', 'exemptions', index];
      return [
        ...(ruleIds.has(rule) ? [] : [{ path: [...path, 'rule'], message: unknownRule(rule) }]),
        ...(isCalendarDay(expires)
          ? []
          : [{ path: [...path, 'expires'], message: `"${expires}" is no day of the calendar` }]),
      ];
    }),
  ];
}

/** The pattern lets "2027-02-31" through; Date would silently make it March. */
function isCalendarDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
