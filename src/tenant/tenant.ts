import { createHash } from 'node:crypto';
import { BucketMap } from '../bucket/bucket-map.ts';
import { parseBucketPattern } from '../bucket/bucket-pattern.ts';
import type { Action } from '../declaration/schema.ts';
import type { ExemptionEntry, StorageTenant } from '../declaration/storage-tenant.ts';
import { parseCidr } from '../host/address.ts';
import { CidrSet } from '../host/cidr-set.ts';
import { HostMap } from '../host/host-map.ts';
import { parseHost } from '../host/host.ts';
import { mapGrants, type BucketGrant } from './bucket-grant.ts';

/** A declared tenant made ready for rules. Never changed; a new declaration makes a new one. */
export interface Tenant {
  /** "" when contested. */
  readonly name: string;
  /** True in a namespace that two tenants claim: nothing is granted there. */
  readonly isContested: boolean;
  /** Changes with the declaration: SHA-256 of its spec, 16 hex digits. */
  readonly generation: string;
  readonly namespaces: ReadonlySet<string>;
  readonly identity: 'Always' | 'OnRequest' | 'Never';
  /** Own buckets and those shared with it, sorted by their text. */
  readonly grants: readonly BucketGrant[];
  readonly buckets: BucketMap<BucketGrant>;
  /** Names that are not buckets of this store. */
  readonly externalBuckets: BucketMap<true>;
  /** What its ServiceEntries may name. */
  readonly egressHosts: HostMap<string>;
  readonly egressHostTexts: readonly string[];
  /** Its public hosts. */
  readonly ingressHosts: HostMap<string>;
  readonly ingressHostTexts: readonly string[];
  readonly cidrs: CidrSet;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly actions: readonly Action[] | undefined;
  readonly ruleActions: ReadonlyMap<string, readonly Action[]>;
  readonly exemptions: readonly ExemptionEntry[];
}

/** Compiles a declaration whose schema has been checked, with all grants, shared ones included. */
export function compileTenant(
  { metadata, spec }: StorageTenant,
  grants: readonly BucketGrant[],
): Tenant {
  const { egress = {}, ingress = {} } = spec;
  const egressHostTexts = sortedSet(egress.hosts ?? []);
  const ingressHostTexts = sortedSet(ingress.hosts ?? []);
  return {
    name: metadata.name,
    isContested: false,
    generation: createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 16),
    namespaces: new Set(spec.namespaces),
    identity: spec.identity,
    grants,
    buckets: mapGrants(grants),
    externalBuckets: mapPatterns(spec.externalBuckets ?? []),
    egressHosts: mapHosts(egressHostTexts),
    egressHostTexts,
    ingressHosts: mapHosts(ingressHostTexts),
    ingressHostTexts,
    cidrs: new CidrSet((egress.cidrs ?? []).flatMap((text) => parseCidr(text) ?? [])),
    env: spec.env ?? [],
    actions: spec.actions,
    ruleActions: new Map(Object.entries(spec.ruleActions ?? {})),
    exemptions: spec.exemptions ?? [],
  };
}

/** Takes the place of the tenant in a namespace that two of them claim. */
export const contestedTenant: Tenant = {
  name: '',
  isContested: true,
  generation: '',
  namespaces: new Set(),
  identity: 'Always',
  grants: [],
  buckets: new BucketMap(),
  externalBuckets: new BucketMap(),
  egressHosts: new HostMap(),
  egressHostTexts: [],
  ingressHosts: new HostMap(),
  ingressHostTexts: [],
  cidrs: new CidrSet([]),
  env: [],
  actions: undefined,
  ruleActions: new Map(),
  exemptions: [],
};

function sortedSet(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}

function mapPatterns(texts: readonly string[]): BucketMap<true> {
  const map = new BucketMap<true>();
  for (const text of texts) {
    const parsed = parseBucketPattern(text);
    if ('pattern' in parsed) map.add(parsed.pattern, true);
  }
  return map;
}

function mapHosts(texts: readonly string[]): HostMap<string> {
  const map = new HostMap<string>();
  for (const text of texts) {
    const host = parseHost(text);
    if (host.kind === 'name' || host.kind === 'wildcard') map.add(host, text);
  }
  return map;
}
