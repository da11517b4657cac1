import type { HostMap } from '../host/host-map.ts';
import type { Host } from '../host/host.ts';
import { wildcardProblem } from '../host/wildcard.ts';
import type { TenantIndex } from './tenant-index.ts';
import type { Tenant } from './tenant.ts';

/** A host, and which of the tenant's two lists may grant it. */
export interface HostAsk {
  readonly host: Host;
  readonly grants: 'egress' | 'ingress' | 'either';
}

/**
 * True when a name or wildcard was granted to the tenant as a whole and no part of it is another
 * tenant's ingress host. Addresses are granted by range, never by host.
 */
export function isGrantedHost(
  tenants: TenantIndex,
  tenant: Tenant,
  { host, grants }: HostAsk,
): boolean {
  if (host.kind !== 'name' && host.kind !== 'wildcard') return false;
  if (host.kind === 'wildcard' && wildcardProblem(host) !== undefined) return false;
  const isGranted = mapsOf(tenant, grants).some((hosts) => hosts.has(host));
  return isGranted && !tenants.isForeignIngress(host, tenant.name);
}

/** True when a granted wildcard contains all of the host. */
export function isInGrantedWildcard(tenant: Tenant, { host, grants }: HostAsk): boolean {
  if (host.kind !== 'name' && host.kind !== 'wildcard') return false;
  return mapsOf(tenant, grants).some((hosts) => hosts.hasWildcardFor(host));
}

/** The granted hosts as they were declared, each once and sorted, for messages. */
export function grantedHostTexts(tenant: Tenant, grants: HostAsk['grants']): readonly string[] {
  const { egressHostTexts, ingressHostTexts } = tenant;
  if (grants === 'egress') return egressHostTexts;
  if (grants === 'ingress') return ingressHostTexts;
  return [...new Set([...egressHostTexts, ...ingressHostTexts])].sort();
}

function mapsOf(
  { egressHosts, ingressHosts }: Tenant,
  grants: HostAsk['grants'],
): readonly HostMap<string>[] {
  if (grants === 'either') return [egressHosts, ingressHosts];
  return [grants === 'egress' ? egressHosts : ingressHosts];
}
