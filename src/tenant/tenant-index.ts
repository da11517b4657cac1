import { BucketMap } from '../bucket/bucket-map.ts';
import { parseBucketPattern, patternText, type BucketPattern } from '../bucket/bucket-pattern.ts';
import type { StorageTenant, StorageTenantSpec } from '../declaration/storage-tenant.ts';
import { HostMap } from '../host/host-map.ts';
import { parseHost, type Host } from '../host/host.ts';
import { ownGrant, sharedGrant, type BucketGrant } from './bucket-grant.ts';
import { compileTenant, contestedTenant, type Tenant } from './tenant.ts';

type ClaimableHost = Extract<Host, { kind: 'name' | 'wildcard' }>;

/**
 * Who owns what, for every tenant at once. Built anew on each change and never changed afterwards;
 * the cost of a look-up does not depend on the number of tenants.
 */
export class TenantIndex {
  readonly tenants: ReadonlyMap<string, Tenant>;
  readonly #byNamespace = new Map<string, string[]>();
  readonly #bucketClaims = new BucketMap<string>();
  readonly #externalClaims = new BucketMap<string>();
  readonly #ingressClaims = new HostMap<string>();
  /** By last label: one granted host of each tenant that has any. */
  readonly #hostEndings = new Map<string, Map<string, string>>();

  constructor(declarations: readonly StorageTenant[]) {
    const grants = collectGrants(declarations);
    this.tenants = new Map(
      declarations.map((declaration) => {
        const { name } = declaration.metadata;
        return [name, compileTenant(declaration, sortGrants(grants.get(name) ?? []))];
      }),
    );
    for (const declaration of declarations) this.#claim(declaration);
  }

  /** The tenant that owns a namespace; `contestedTenant` where two claim it. */
  tenantOf(namespace: string): Tenant | undefined {
    const claims = this.#byNamespace.get(namespace);
    if (claims === undefined) return undefined;
    const [name = ''] = claims;
    return claims.length > 1 ? contestedTenant : this.tenants.get(name);
  }

  /** Names of the tenants that claim a namespace. */
  claimsOnNamespace(namespace: string): readonly string[] {
    return this.#byNamespace.get(namespace) ?? [];
  }

  /** Names of the tenants whose patterns share a bucket with this one. */
  claimsOnBuckets(pattern: BucketPattern): readonly string[] {
    return [...new Set(this.#bucketClaims.overlapping(pattern))];
  }

  /** Names of the tenants that declare a bucket of this pattern to be outside the store. */
  externalClaimsOn(pattern: BucketPattern): readonly string[] {
    return [...new Set(this.#externalClaims.overlapping(pattern))];
  }

  /** The tenants with a host whose last label is this one, each with one such host. */
  hostsEndingIn(label: string): readonly { readonly owner: string; readonly host: string }[] {
    const endings = this.#hostEndings.get(label) ?? new Map<string, string>();
    return [...endings].map(([owner, host]) => ({ owner, host }));
  }

  /** Names of the tenants whose ingress hosts share a host with this one. */
  claimsOnIngress(host: ClaimableHost): readonly string[] {
    return [...new Set(this.#ingressClaims.overlapping(host))];
  }

  /** True when any tenant claims the bucket. */
  isManagedBucket(bucket: string): boolean {
    return this.#bucketClaims.matching(bucket).length > 0;
  }

  /** True when two tenants claim the bucket: it belongs to neither. */
  isContestedBucket(bucket: string): boolean {
    const claimants = this.#bucketClaims.matching(bucket);
    return claimants.length > 1 && new Set(claimants).size > 1;
  }

  /** True when the host, or a part of the wildcard, is an ingress host of another tenant. */
  isForeignIngress(host: ClaimableHost, tenantName: string | undefined): boolean {
    return this.#ingressClaims.overlapping(host).some((claimant) => claimant !== tenantName);
  }

  #claim({ metadata: { name }, spec }: StorageTenant): void {
    for (const namespace of spec.namespaces) {
      const claims = this.#byNamespace.get(namespace);
      if (claims) claims.push(name);
      else this.#byNamespace.set(namespace, [name]);
    }
    this.#claimBuckets(name, spec);
    this.#claimHosts(name, spec);
  }

  #claimBuckets(name: string, { buckets = [], externalBuckets = [] }: StorageTenantSpec): void {
    for (const entry of buckets) {
      const grant = ownGrant(entry);
      if (grant) this.#bucketClaims.add(grant.pattern, name);
    }
    for (const text of externalBuckets) {
      const parsed = parseBucketPattern(text);
      if ('pattern' in parsed) this.#externalClaims.add(parsed.pattern, name);
    }
  }

  #claimHosts(name: string, { egress, ingress }: StorageTenantSpec): void {
    const publicHosts = ingress?.hosts ?? [];
    for (const text of publicHosts) {
      const host = parseHost(text);
      if (host.kind === 'name' || host.kind === 'wildcard') this.#ingressClaims.add(host, name);
    }
    for (const text of [...(egress?.hosts ?? []), ...publicHosts]) {
      const label = text.slice(text.lastIndexOf('.') + 1);
      const endings = this.#hostEndings.get(label) ?? new Map<string, string>();
      if (!endings.has(name)) endings.set(name, text);
      this.#hostEndings.set(label, endings);
    }
  }
}

/** Each tenant's own entries, and those that owners share with it. */
function collectGrants(declarations: readonly StorageTenant[]): Map<string, BucketGrant[]> {
  const grants = new Map<string, BucketGrant[]>();
  const give = (tenant: string, grant: BucketGrant | undefined): void => {
    if (grant === undefined) return;
    const given = grants.get(tenant);
    if (given) given.push(grant);
    else grants.set(tenant, [grant]);
  };
  for (const { metadata, spec } of declarations) {
    for (const entry of spec.buckets ?? []) {
      const own = ownGrant(entry);
      if (own === undefined) continue;
      give(metadata.name, own);
      for (const { tenant, access } of entry.sharedWith ?? [])
        give(tenant, sharedGrant(own, access));
    }
  }
  return grants;
}

/** By code unit: the same order on every replica, whatever its locale. */
function sortGrants(grants: readonly BucketGrant[]): readonly BucketGrant[] {
  return grants
    .map((grant) => ({ grant, text: patternText(grant.pattern) }))
    .sort((one, other) => (one.text === other.text ? 0 : one.text < other.text ? -1 : 1))
    .map(({ grant }) => grant);
}
