import { parseCidr } from '../host/address.ts';
import { parseClusterName, shortFormOf } from '../host/cluster-name.ts';
import type { Host } from '../host/host.ts';
import { isTopLevelDomain, wildcardProblem } from '../host/wildcard.ts';
import { isGrantedHost } from '../tenant/ask-host.ts';
import { hostPolicyOf, isNamespace, type World } from '../tenant/world.ts';
import type { NamedHost } from './named-host.ts';

/** Who asks for hosts: the author of an object in a namespace. */
export interface Claimant {
  readonly world: World;
  /** Namespaces whose Services are the author's own. */
  readonly own: ReadonlySet<string>;
}

/** Which grants allow a host. */
export type GrantKind = 'egress' | 'ingress' | 'either';

/**
 * Whether an author may name a host, protection aside (`protectionOf` has the last word there):
 * - `own`: a Service of the author's own namespaces;
 * - `granted`: by the tenant's declaration;
 * - `free`: outside tenants, and nobody's;
 * - the others are refused, `reason` says why in words that follow the host.
 */
export type HostClaim =
  | { readonly kind: 'own' | 'granted' | 'free' }
  | {
      readonly kind:
        'invalid' | 'address' | 'wildcard' | 'short' | 'shadowed' | 'foreign' | 'not-granted';
      readonly reason: string;
    };

/** Answers for one host; every rule about hosts asks here. */
export function claimHost(
  { host }: Pick<NamedHost, 'host'>,
  claimant: Claimant,
  grants: GrantKind = 'either',
): HostClaim {
  switch (host.kind) {
    case 'invalid':
      return { kind: 'invalid', reason: host.reason };
    case 'address':
      return claimAddress(host.address, claimant);
    case 'wildcard':
      return claimWildcard(host, claimant, grants);
    case 'name':
      return claimName(host, claimant, grants);
    default:
      return host satisfies never;
  }
}

/**
 * True for a Service of one of these namespaces, or a pod behind one. In a namespace called like a
 * top-level domain the short form is not enough: "api.shop" may be a host of the Internet.
 */
export function isServiceOf(host: Host, claimant: Claimant): boolean {
  if (host.kind !== 'name') return false;
  if (isQualifiedServiceOf(host, claimant)) return true;
  const { own } = claimant;
  const service = shortFormOf(host.name, (label) => own.has(label) && !isTopLevelDomain(label));
  return service !== undefined && host.name.split('.').length <= maxShortLabels;
}

/** The same for the forms with ".svc", which can mean nothing else. */
export function isQualifiedServiceOf(host: Host, { world, own }: Claimant): boolean {
  if (host.kind !== 'name') return false;
  const { clusterDomain } = world.settings.config.mesh;
  const service = parseClusterName(host.name, clusterDomain);
  if (service === undefined || service.service === '' || !own.has(service.namespace)) return false;
  // "minio.storage.svc.cluster.local.svc.cluster.local" is what a search path makes of the store's name.
  const before = host.name.slice(0, host.name.indexOf(`.${service.namespace}.svc`));
  return before.split('.').length < maxShortLabels;
}

/** "pod.service.namespace": nothing in a cluster has a deeper name. */
const maxShortLabels = 3;

function claimAddress(address: string, { world }: Claimant): HostClaim {
  if (hostPolicyOf(world) !== 'granted') return { kind: 'free' };
  return { kind: 'address', reason: `is the IP address ${address}; name a host instead` };
}

function claimWildcard(
  host: Extract<Host, { kind: 'wildcard' }>,
  { world }: Claimant,
  grants: GrantKind,
): HostClaim {
  const problem = wildcardProblem(host);
  if (problem !== undefined) return { kind: 'wildcard', reason: problem };
  const { tenant, tenants } = world;
  if (tenant === undefined) {
    return { kind: 'wildcard', reason: 'is not allowed in a namespace that belongs to no tenant' };
  }
  if (isGrantedHost(tenants, tenant, { host, grants })) return { kind: 'granted' };
  return { kind: 'wildcard', reason: 'is not granted' };
}

function claimName(
  host: Extract<Host, { kind: 'name' }>,
  claimant: Claimant,
  grants: GrantKind,
): HostClaim {
  const { world } = claimant;
  const { tenant, tenants } = world;
  if (isServiceOf(host, claimant)) return { kind: 'own' };
  if (hostPolicyOf(world) !== 'granted') {
    if (!tenants.isForeignIngress(host, undefined)) return { kind: 'free' };
    return {
      kind: 'foreign',
      reason: 'is not granted to this namespace, which belongs to no tenant',
    };
  }
  if (!host.name.includes('.')) {
    return {
      kind: 'short',
      reason: 'is a short name, which every namespace completes differently',
    };
  }
  const isGranted = tenant !== undefined && isGrantedHost(tenants, tenant, { host, grants });
  if (!isGranted) return { kind: 'not-granted', reason: 'is not granted' };
  // A namespace may have come into being after the grant: the resolver finds its Service first.
  if (!isShortForm(host.name, world)) return { kind: 'granted' };
  return { kind: 'shadowed', reason: 'is granted, but a namespace is called like its last label' };
}

function isShortForm(name: string, world: World): boolean {
  return shortFormOf(name, (label) => isNamespace(world, label)) !== undefined;
}

/** The range that an address, written as a host, stands for. */
export function rangeOfHost(host: Host): ReturnType<typeof parseCidr> {
  return host.kind === 'address' ? parseCidr(host.address) : undefined;
}
