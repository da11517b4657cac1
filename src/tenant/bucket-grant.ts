import { accessIncludes, capAccess, unionAccess, type Access } from '../bucket/access.ts';
import { BucketMap } from '../bucket/bucket-map.ts';
import { parseBucketPattern, patternText, type BucketPattern } from '../bucket/bucket-pattern.ts';
import { keyIsInside } from '../bucket/object-prefix.ts';
import type { BucketEntry } from '../declaration/storage-tenant.ts';

/** One line of what a tenant may do: an own bucket entry, or one that an owner shared. */
export interface BucketGrant {
  readonly pattern: BucketPattern;
  readonly access: Access;
  /** Empty: the whole bucket. */
  readonly prefixes: readonly string[];
  /** Undefined: every account. The owner's list does not apply to the tenants it shares with. */
  readonly serviceAccounts: ReadonlySet<string> | undefined;
  readonly origin: 'own' | 'shared';
}

/** What a service account requests of a bucket. */
export interface BucketAsk {
  readonly bucket: string;
  readonly serviceAccount: string;
  /** Undefined when any access is enough, as for a name in a variable. */
  readonly access?: Access | undefined;
  /** Literal object key or prefix; "" or undefined when only the bucket is named. */
  readonly key?: string | undefined;
  /** The key goes on after the literal part. */
  readonly isOpenKey?: boolean | undefined;
}

export type BucketAnswer =
  | { readonly kind: 'granted'; readonly grants: readonly BucketGrant[]; readonly access: Access }
  | { readonly kind: 'denied'; readonly reason: 'not-granted' }
  | { readonly kind: 'denied'; readonly reason: 'account' }
  | { readonly kind: 'denied'; readonly reason: 'prefix'; readonly prefixes: readonly string[] }
  | { readonly kind: 'denied'; readonly reason: 'access'; readonly access: Access };

/** The grant of an owner's entry. Entries with an invalid pattern were refused when they were loaded. */
export function ownGrant(entry: BucketEntry): BucketGrant | undefined {
  const parsed = parseBucketPattern(entry.name);
  if ('problem' in parsed) return undefined;
  return {
    pattern: parsed.pattern,
    access: entry.access,
    prefixes: entry.prefixes ?? [],
    serviceAccounts: entry.serviceAccounts && new Set(entry.serviceAccounts),
    origin: 'own',
  };
}

/** What a tenant gets that the owner shares with: never more than the owner has. */
export function sharedGrant(own: BucketGrant, shared: Access): BucketGrant | undefined {
  const access = capAccess(own.access, shared);
  return access && { ...own, access, serviceAccounts: undefined, origin: 'shared' };
}

/** Puts grants where a bucket name finds them. */
export function mapGrants(grants: readonly BucketGrant[]): BucketMap<BucketGrant> {
  const map = new BucketMap<BucketGrant>();
  for (const grant of grants) map.add(grant.pattern, grant);
  return map;
}

/** Answers a request from a tenant's grants; grants add up. */
export function answerAsk(grants: BucketMap<BucketGrant>, ask: BucketAsk): BucketAnswer {
  const matching = grants.matching(ask.bucket);
  if (matching.length === 0) return { kind: 'denied', reason: 'not-granted' };
  const forAccount = matching.filter((grant) => isForAccount(grant, ask.serviceAccount));
  if (forAccount.length === 0) return { kind: 'denied', reason: 'account' };
  const inside = forAccount.filter((grant) => isInside(grant, ask));
  if (inside.length === 0) {
    return {
      kind: 'denied',
      reason: 'prefix',
      prefixes: [...new Set(forAccount.flatMap(({ prefixes }) => prefixes))].sort(),
    };
  }
  const access = inside.map((grant) => grant.access).reduce(unionAccess);
  if (ask.access !== undefined && !accessIncludes(access, ask.access)) {
    return { kind: 'denied', reason: 'access', access };
  }
  return { kind: 'granted', grants: inside, access };
}

/** True when the grant is for every account or names this one. */
export function isForAccount({ serviceAccounts }: BucketGrant, account: string): boolean {
  return serviceAccounts === undefined || serviceAccounts.has(account);
}

/** "payments-ledger ReadWrite", "analytics-reports ReadOnly below daily/": short enough for a list. */
export function grantText({ pattern, access, prefixes }: BucketGrant): string {
  const below = prefixes.length === 0 ? '' : ` below ${prefixes.join(', ')}`;
  return `${patternText(pattern)} ${access}${below}`;
}

function isInside({ prefixes }: BucketGrant, { key = '', isOpenKey = false }: BucketAsk): boolean {
  if (key === '') return true;
  return keyIsInside(key, { prefixes, isOpen: isOpenKey });
}
