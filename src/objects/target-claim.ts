import { parseCidr, type Cidr } from '../host/address.ts';
import { CidrSet } from '../host/cidr-set.ts';
import { parseHost, type Host } from '../host/host.ts';
import { hostPolicyOf } from '../tenant/world.ts';
import { claimHost, type Claimant } from './host-claim.ts';
import { protectedRangeReason, protectionOf } from './protection.ts';

/**
 * Why an object may not send traffic to this endpoint, in words that follow it; undefined when it may.
 * Outside tenants only what is protected or belongs to a tenant is refused.
 * @param text an address, a name, or a path of a Unix socket, as written
 */
export function endpointRefusal(text: string, claimant: Claimant): string | undefined {
  const isOpen = hostPolicyOf(claimant.world) !== 'granted';
  if (text === '') {
    return isOpen ? undefined : 'is missing: traffic would go through another network';
  }
  if (text.toLowerCase().startsWith('unix:')) {
    return isOpen ? undefined : "is a socket inside the proxy's container";
  }
  const range = parseCidr(text);
  return range === undefined
    ? nameRefusal(parseHost(text), claimant)
    : addressRefusal(range, claimant);
}

/** The same for an address or range, which may also be a virtual address of a ServiceEntry. */
export function addressRefusal(range: Cidr, { world }: Claimant): string | undefined {
  const protection = protectedRangeReason(range, world.settings);
  if (protection !== undefined) return protection;
  if (hostPolicyOf(world) !== 'granted') return undefined;
  if (loopback.overlapping(range)) return 'is a loopback address';
  return world.tenant?.cidrs.contains(range) === true ? undefined : 'is outside the granted ranges';
}

/** The proxy's own host; "this host" (0.0.0.0, ::) is another name for it. */
const loopback = new CidrSet(
  ['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'].flatMap((text) => parseCidr(text) ?? []),
);

function nameRefusal(host: Host, claimant: Claimant): string | undefined {
  if (host.kind === 'invalid') return host.reason;
  if (host.kind !== 'name') return 'is not a host name';
  if (protectionOf(host, claimant) !== undefined) {
    return 'is a protected name or a Service of another namespace';
  }
  const claim = claimHost({ host }, claimant);
  return 'reason' in claim ? 'is not granted' : undefined;
}
