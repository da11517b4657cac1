import { BucketMap } from '../bucket/bucket-map.ts';
import { parseBucketPattern, patternText, type BucketPattern } from '../bucket/bucket-pattern.ts';
import type { StorageTenant, StorageTenantSpec } from '../declaration/storage-tenant.ts';
import { parseCidr, type Cidr } from '../host/address.ts';
import { CidrIndex } from '../host/cidr-index.ts';
import { HostMap } from '../host/host-map.ts';
import { parseHost, type Host } from '../host/host.ts';
import { ownGrant, sharedGrant, type BucketGrant } from './bucket-grant.ts';
import { compileTenant, contestedTenant, type Tenant } from './tenant.ts';

type ClaimableHost = Extract<Host, { kind: 'name' | 'wildcard' }>;

/**
 * Which tenant owns what. A change of a declaration makes a new index; the cost of a look-up does not
 * depend on the number of tenants.
 */
export class TenantIndex {
  readonly tenants: ReadonlyMap<string, Tenant>;
  readonly #byNamespace = new Map<string, string[]>();
  readonly #bucketClaims = new BucketMap<string>();
  readonly #externalClaims = new BucketMap<string>();
  readonly #ingressClaims = new HostMap<string>();
  readonly #egressClaims = new HostMap<string>();
  readonly #egressRanges: CidrIndex;
  /** By last label: one granted host of each tenant that has any. */
  readonly #hostEndings = new Map<string, Map<string, string>>();

  /** What it was made from. */
  readonly declarations: readonly StorageTenant[];

  constructor(declarations: readonly StorageTenant[]) {
    this.declarations = declarations;
    const grants = collectGrants(declarations);
    this.tenants = new Map(
      declarations.map((declaration) => {
        const { name } = declaration.metadata;
        return [name, compileTenant(declaration, sortGrants(grants.get(name) ?? []))];
      }),
    );
    for (const declaration of declarations) this.#claim(declaration);
    const cidrs = declarations.flatMap(({ spec }) => spec.egress?.cidrs ?? []);
    this.#egressRanges = new CidrIndex(cidrs.flatMap((text) => parseCidr(text) ?? []));
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

  /** Names of the tenants with a pattern that can match the same bucket. */
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

  /** Names of the tenants with an ingress host that overlaps this one. */
  claimsOnIngress(host: ClaimableHost): readonly string[] {
    return [...new Set(this.#ingressClaims.overlapping(host))];
  }

  /** Names of the tenants that were granted a host for egress that overlaps this one. */
  claimsOnEgress(host: ClaimableHost): readonly string[] {
    return [...new Set(this.#egressClaims.overlapping(host))];
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

  /** True when some tenant was granted the host, or a part of the wildcard, for egress or ingress. */
  isTenantHost(host: ClaimableHost): boolean {
    return (
      this.#ingressClaims.overlapping(host).length > 0 ||
      this.#egressClaims.overlapping(host).length > 0
    );
  }

  /** True when some tenant was granted an address of the range for egress. */
  isTenantRange(range: Cidr): boolean {
    return this.#egressRanges.overlaps(range);
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
    const [granted, published] = [egress?.hosts ?? [], ingress?.hosts ?? []];
    claimHosts(this.#ingressClaims, published, name);
    claimHosts(this.#egressClaims, granted, name);
    for (const text of [...granted, ...published]) {
      const label = text.slice(text.lastIndexOf('.') + 1);
      const endings = this.#hostEndings.get(label) ?? new Map<string, string>();
      if (!endings.has(name)) endings.set(name, text);
      this.#hostEndings.set(label, endings);
    }
  }
}

function claimHosts(claims: HostMap<string>, texts: readonly string[], claimant: string): void {
  for (const text of texts) {
    const host = parseHost(text);
    if (host.kind === 'name' || host.kind === 'wildcard') claims.add(host, claimant);
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

/** Sorted by code unit: the same order on every replica, independent of its locale. */
function sortGrants(grants: readonly BucketGrant[]): readonly BucketGrant[] {
  return grants
    .map((grant) => ({ grant, text: patternText(grant.pattern) }))
    .sort((one, other) => (one.text === other.text ? 0 : one.text < other.text ? -1 : 1))
    .map(({ grant }) => grant);
}
