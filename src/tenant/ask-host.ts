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
  const isGranted =
    (grants !== 'ingress' && tenant.egressHosts.has(host)) ||
    (grants !== 'egress' && tenant.ingressHosts.has(host));
  return isGranted && !tenants.isForeignIngress(host, tenant.name);
}
