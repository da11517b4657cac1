import { hostPolicyOf } from '../../tenant/world.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import { claimHost, isServiceOf, type Claimant } from '../host-claim.ts';
import { gatewayNamespace } from './gateway-name.ts';
import type { PublishedObject } from './published-object.ts';

/** How far an object may be exported. */
export interface ExportReach {
  /** Namespaces that may be named in exportTo; undefined: all. */
  readonly allowed: ReadonlySet<string> | undefined;
  /** What exportTo becomes when its author left it out; undefined: it stays empty, which means all. */
  readonly filled: readonly string[] | undefined;
}

const everywhere: ExportReach = { allowed: undefined, filled: undefined };
const ownNamespaceOnly = ['.'];

/**
 * How far an object in `namespace` may be exported:
 * - routing for Services of its own namespace goes anywhere, its clients elsewhere need it;
 * - a tenant's object stays in the tenant, and a VirtualService bound to gateways only may also go to
 *   these gateways for the tenant's own ingress hosts, a delegate to where it may be referred to;
 * - outside tenants, what concerns a host or range of a tenant stays in its namespace, and the rest is
 *   kept there unless its author says otherwise.
 */
export function exportReachOf(
  published: PublishedObject,
  { namespace, claimant }: { readonly namespace: string; readonly claimant: Claimant },
): ExportReach {
  const { world } = claimant;
  if (isAboutOwnServices(published, claimant)) return everywhere;
  if (world.tenant !== undefined)
    return tenantReach(published, { namespace, claimant, tenant: world.tenant });
  const policy = hostPolicyOf(world);
  if (policy === 'nothing' || published.gateways.length > 0 || published.isDelegate)
    return everywhere;
  const isKept = policy === 'granted' || concernsTenant(published, claimant);
  return { allowed: isKept ? new Set([namespace]) : undefined, filled: ownNamespaceOnly };
}

function tenantReach(
  published: PublishedObject,
  {
    namespace,
    claimant,
    tenant,
  }: { readonly namespace: string; readonly claimant: Claimant; readonly tenant: Tenant },
): ExportReach {
  const inside = new Set([namespace, ...tenant.namespaces]);
  const { mesh } = claimant.world.settings.config;
  const gatewayHomes = new Set([mesh.rootNamespace, ...mesh.gatewayNamespaces]);
  if (published.isDelegate) {
    const filled = inside.size === 1 ? ownNamespaceOnly : [...inside].sort();
    return { allowed: new Set([...inside, ...gatewayHomes]), filled };
  }
  if (published.gateways.length === 0 || !isAllIngress(published, claimant)) {
    return { allowed: inside, filled: ownNamespaceOnly };
  }
  const reached = new Set(
    published.gateways
      .map((name) => gatewayNamespace(name, namespace))
      .filter((home) => inside.has(home) || gatewayHomes.has(home)),
  );
  const filled = [...reached].map((home) => (home === namespace ? '.' : home)).sort();
  return {
    allowed: new Set([...inside, ...reached]),
    filled: filled.length === 0 ? ownNamespaceOnly : filled,
  };
}

/** Virtual addresses take traffic whatever the host is called. */
function isAboutOwnServices({ hosts, addresses }: PublishedObject, claimant: Claimant): boolean {
  return (
    addresses.length === 0 &&
    hosts.length > 0 &&
    hosts.every(({ host }) => isServiceOf(host, claimant))
  );
}

function isAllIngress({ hosts }: PublishedObject, claimant: Claimant): boolean {
  return hosts.every((host) => claimHost(host, claimant, 'ingress').kind === 'granted');
}

/** True when a tenant was granted one of the hosts or a part of one of the ranges. */
function concernsTenant({ hosts, addresses }: PublishedObject, { world }: Claimant): boolean {
  const { tenants } = world;
  return (
    hosts.some(
      ({ host }) =>
        (host.kind === 'name' || host.kind === 'wildcard') && tenants.isTenantHost(host),
    ) || addresses.some(({ range }) => range !== undefined && tenants.isTenantRange(range))
  );
}
