import { accessIncludes } from '../bucket/access.ts';
import { parseBucketPattern, patternContains } from '../bucket/bucket-pattern.ts';
import type { BucketEntry, StorageTenant } from '../declaration/storage-tenant.ts';
import { conflictsAt, type TenantProblem, type TenantSurroundings } from './claims.ts';

/** Invalid patterns, buckets of other tenants, limits without effect, and shares with unknown tenants. */
export function bucketProblems(
  { metadata, spec }: StorageTenant,
  { tenants }: TenantSurroundings,
): TenantProblem[] {
  const entries = spec.buckets ?? [];
  return entries.flatMap((entry, index) => {
    const path = ['spec', 'buckets', index];
    const parsed = parseBucketPattern(entry.name);
    if ('problem' in parsed) {
      return [{ path: [...path, 'name'], message: `"${entry.name}" ${parsed.problem}` }];
    }
    const { pattern } = parsed;
    const self = metadata.name;
    return [
      ...conflictsAt(
        [...path, 'name'],
        { claimants: tenants.claimsOnBuckets(pattern), self },
        (owner) => `"${entry.name}" overlaps a bucket of tenant "${owner}"`,
      ),
      ...conflictsAt(
        [...path, 'name'],
        { claimants: tenants.externalClaimsOn(pattern), self },
        (owner) => `"${entry.name}" overlaps an external bucket of tenant "${owner}"`,
      ),
      ...voidedProblems(entries, index),
      ...(entry.sharedWith ?? []).flatMap(({ tenant }, at) =>
        tenants.tenants.has(tenant)
          ? []
          : [
              {
                path: [...path, 'sharedWith', at, 'tenant'],
                message: `there is no tenant "${tenant}" to share with`,
              },
            ],
      ),
    ];
  });
}

/**
 * Grants add up, so a narrow entry inside a wide one limits nothing, unless it limits what is shared.
 */
function voidedProblems(entries: readonly BucketEntry[], index: number): TenantProblem[] {
  const narrow = entries[index];
  if (narrow === undefined || !isRestricted(narrow)) return [];
  const voiding = entries.findIndex((wide, at) => at !== index && voids(wide, narrow));
  if (voiding === -1) return [];
  return [
    {
      path: ['spec', 'buckets', index],
      message:
        `the limits of "${narrow.name}" have no effect: spec.buckets[${voiding}] ` +
        `("${entries[voiding]?.name ?? ''}") grants the same without them`,
    },
  ];
}

function isRestricted({ access, prefixes = [], serviceAccounts }: BucketEntry): boolean {
  return access !== 'ReadWrite' || prefixes.length > 0 || serviceAccounts !== undefined;
}

function voids(wide: BucketEntry, narrow: BucketEntry): boolean {
  const outer = parseBucketPattern(wide.name);
  const inner = parseBucketPattern(narrow.name);
  if ('problem' in outer || 'problem' in inner) return false;
  return (
    patternContains(outer.pattern, inner.pattern) &&
    accessIncludes(wide.access, narrow.access) &&
    includesAccounts(wide, narrow) &&
    includesPrefixes(wide, narrow) &&
    !limitsShares(narrow, wide) &&
    isWider(wide, narrow)
  );
}

/** Two entries with the same limits only repeat each other; neither voids the other. */
function isWider(wide: BucketEntry, narrow: BucketEntry): boolean {
  return !(
    accessIncludes(narrow.access, wide.access) &&
    includesAccounts(narrow, wide) &&
    includesPrefixes(narrow, wide)
  );
}

function includesAccounts(wide: BucketEntry, narrow: BucketEntry): boolean {
  const { serviceAccounts: all } = wide;
  if (all === undefined) return true;
  return narrow.serviceAccounts?.every((account) => all.includes(account)) ?? false;
}

/** Access and prefixes limit what is shared; the list of accounts does not. */
function limitsShares(narrow: BucketEntry, { sharedWith: wide = [] }: BucketEntry): boolean {
  if (narrow.serviceAccounts !== undefined) return false;
  return (narrow.sharedWith ?? []).some(
    ({ tenant, access }) =>
      !wide.some((share) => share.tenant === tenant && accessIncludes(share.access, access)),
  );
}

function includesPrefixes({ prefixes: wide = [] }: BucketEntry, narrow: BucketEntry): boolean {
  if (wide.length === 0) return true;
  const inner = narrow.prefixes ?? [];
  return (
    inner.length > 0 && inner.every((prefix) => wide.some((outer) => prefix.startsWith(outer)))
  );
}
