import { parseBucketPattern, patternsOverlap } from '../bucket/bucket-pattern.ts';
import { unknownRule } from '../declaration/config-problems.ts';
import type { StorageTenant } from '../declaration/storage-tenant.ts';
import { classOf } from '../settings/settings.ts';
import { ownGrant } from './bucket-grant.ts';
import { bucketProblems } from './bucket-problems.ts';
import { cidrProblems } from './cidr-problems.ts';
import { conflictsAt, type TenantProblem, type TenantSurroundings } from './claims.ts';
import { hostProblems } from './host-problems.ts';

/** Everything that a schema cannot check: overlaps with other tenants, names with traps, unknown rules. */
export function tenantProblems(
  declaration: StorageTenant,
  surroundings: TenantSurroundings,
): TenantProblem[] {
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
): TenantProblem[] {
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
    const self = metadata.name;
    return [
      ...conflictsAt(
        path,
        { claimants: tenants.claimsOnNamespace(namespace), self },
        (owner) => `"${namespace}" is already claimed by tenant "${owner}"`,
      ),
      ...tenants
        .hostsEndingIn(namespace)
        .filter(({ owner }) => owner !== self)
        .map(({ host, owner }) => ({
          path,
          claimant: owner,
          message:
            `"${namespace}" ends "${host}", a host of tenant "${owner}", which would become the ` +
            'short form of a Service',
        })),
    ];
  });
}

/** Names declared to be elsewhere are never judged, so they must not be buckets of this store. */
function externalBucketProblems(
  { metadata, spec }: StorageTenant,
  { tenants }: TenantSurroundings,
): TenantProblem[] {
  // A new declaration is not in the index yet.
  const own = (spec.buckets ?? []).flatMap((entry) => ownGrant(entry)?.pattern ?? []);
  return (spec.externalBuckets ?? []).flatMap((text, index) => {
    const path = ['spec', 'externalBuckets', index];
    const parsed = parseBucketPattern(text);
    if ('problem' in parsed) return [{ path, message: `"${text}" ${parsed.problem}` }];
    const isOwn = own.some((pattern) => patternsOverlap(pattern, parsed.pattern));
    const [owner = isOwn ? metadata.name : undefined] = tenants.claimsOnBuckets(parsed.pattern);
    if (owner === undefined) return [];
    return [
      {
        path,
        message: `"${text}" overlaps buckets of this store, claimed by tenant "${owner}"`,
        ...(owner !== metadata.name && { claimant: owner }),
      },
    ];
  });
}

function ruleProblems({ spec }: StorageTenant, { ruleIds }: TenantSurroundings): TenantProblem[] {
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
          : [{ path: [...path, 'expires'], message: `"${expires}" is not a valid date` }]),
      ];
    }),
  ];
}

/** The pattern accepts "2027-02-31", which Date would silently turn into a day of March. */
function isCalendarDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
