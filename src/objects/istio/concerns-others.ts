import { parseCidr, translatedIPv4, type Cidr } from '../../host/address.ts';
import { CidrSet } from '../../host/cidr-set.ts';
import type { Host } from '../../host/host.ts';
import { rangeOfHost, type Claimant } from '../host-claim.ts';
import { protectedRangeReason, protectionOf } from '../protection.ts';
import type { PublishedObject } from './published-object.ts';

/**
 * True when a host or address is a tenant's, the store's or otherwise protected, or private: the virtual
 * address of a ServiceEntry takes the traffic to a ClusterIP or pod from every sidecar that sees it.
 */
export function concernsOthers(
  { hosts, addresses }: Pick<PublishedObject, 'hosts' | 'addresses'>,
  claimant: Claimant,
): boolean {
  return (
    hosts.some(({ host }) => isHostOfOthers(host, claimant)) ||
    addresses.some(({ range }) => range === undefined || isRangeOfOthers(range, claimant))
  );
}

function isHostOfOthers(host: Host, claimant: Claimant): boolean {
  const range = rangeOfHost(host);
  if (range !== undefined) return isRangeOfOthers(range, claimant);
  if (host.kind !== 'name' && host.kind !== 'wildcard') return false;
  // Compared with every host of every tenant, many of these would keep other requests waiting.
  if (host.kind === 'wildcard' && !host.suffix.startsWith('.')) return true;
  return claimant.world.tenants.isTenantHost(host) || protectionOf(host, claimant) !== undefined;
}

function isRangeOfOthers(range: Cidr, { world }: Claimant): boolean {
  const { tenants, settings } = world;
  return (
    tenants.isTenantRange(range) ||
    protectedRangeReason(range, settings) !== undefined ||
    privateRanges.overlapping(range) !== undefined ||
    translatedIPv4(range) !== undefined
  );
}

/** RFC 1918, RFC 6598 and RFC 4193: where Services, pods and nodes have their addresses. */
const privateRanges = new CidrSet(
  ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].flatMap(
    (text) => parseCidr(text) ?? [],
  ),
);
