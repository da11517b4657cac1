import type { Settings } from '../../settings/settings.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import { hostPolicyOf } from '../../tenant/world.ts';
import { claimHost, isQualifiedServiceOf, type Claimant } from '../host-claim.ts';
import { concernsOthers } from './concerns-others.ts';
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
 * - a tenant's object stays in the tenant, and a VirtualService for the tenant's ingress hosts may also go
 *   to where shared gateways run, a delegate to where it may be referred to;
 * - outside tenants, what concerns a tenant, the store or private addresses stays in its namespace, and
 *   the rest is kept there unless its author says otherwise.
 */
export function exportReachOf(published: PublishedObject, author: Author): ExportReach {
  const { world } = author.claimant;
  if (isAboutOwnServices(published, author)) return everywhere;
  if (world.tenant !== undefined) return tenantReach(published, author, world.tenant);
  const policy = hostPolicyOf(world);
  if (policy === 'nothing' || !published.isForMesh || published.isDelegate) return everywhere;
  const isKept = policy === 'granted' || concernsOthers(published, author.claimant);
  return { allowed: isKept ? new Set([author.namespace]) : undefined, filled: ownNamespaceOnly };
}

/** Whose object it is. */
export interface Author {
  readonly namespace: string;
  readonly claimant: Claimant;
}

/** Where shared gateways run: a gateway sees what is exported to the namespace of its pods. */
export function gatewayHomes({ config }: Settings): ReadonlySet<string> {
  return new Set([config.mesh.rootNamespace, ...config.mesh.gatewayNamespaces]);
}

/** True when a VirtualService names gateways for nothing but the tenant's ingress hosts and own Services. */
export function isForIngress(
  { gateways, hosts, addresses }: PublishedObject,
  { claimant }: Author,
): boolean {
  return (
    gateways.length > 0 &&
    addresses.length === 0 &&
    hosts.every((named) => {
      const { kind } = claimHost(named, claimant, 'ingress');
      return kind === 'granted' || kind === 'own';
    })
  );
}

function tenantReach(published: PublishedObject, author: Author, tenant: Tenant): ExportReach {
  const { namespace, claimant } = author;
  const inside = new Set([namespace, ...tenant.namespaces]);
  const homes = gatewayHomes(claimant.world.settings);
  if (published.isDelegate) {
    const filled = inside.size === 1 ? ownNamespaceOnly : [...inside].sort();
    return { allowed: new Set([...inside, ...homes]), filled };
  }
  if (!isForIngress(published, author)) return { allowed: inside, filled: ownNamespaceOnly };
  const beyond = [...homes, ...published.gateways.map((name) => gatewayNamespace(name, namespace))]
    .filter((home) => home !== namespace && (homes.has(home) || inside.has(home)))
    .sort();
  return {
    allowed: new Set([...inside, ...homes]),
    filled: [...new Set([...ownNamespaceOnly, ...beyond])],
  };
}

/** Addresses take traffic whatever the host is called. */
function isAboutOwnServices({ hosts, addresses }: PublishedObject, { claimant }: Author): boolean {
  return (
    addresses.length === 0 &&
    hosts.length > 0 &&
    hosts.every(({ host }) => isQualifiedServiceOf(host, claimant))
  );
}
