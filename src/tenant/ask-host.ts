import type { Host } from '../host/host.ts';
import { wildcardProblem } from '../host/wildcard.ts';
import type { TenantIndex } from './tenant-index.ts';
import type { Tenant } from './tenant.ts';

/**
 * True when a name or wildcard was granted to the tenant as a whole and no part of it is another
 * tenant's ingress host. Addresses are granted by range, never by host.
 */
export function isGrantedHost(tenants: TenantIndex, tenant: Tenant, host: Host): boolean {
  if (host.kind !== 'name' && host.kind !== 'wildcard') return false;
  if (host.kind === 'wildcard' && wildcardProblem(host) !== undefined) return false;
  return tenant.hosts.has(host) && !tenants.isForeignIngress(host, tenant.name);
}
