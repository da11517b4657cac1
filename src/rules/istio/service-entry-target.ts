import { parseCidr, type Cidr } from '../../host/address.ts';
import { CidrSet } from '../../host/cidr-set.ts';
import { parseClusterName } from '../../host/cluster-name.ts';
import { parseHost, type Host } from '../../host/host.ts';
import { protectedHostReason } from '../../objects/istio/protected-host.ts';
import { isGrantedHost } from '../../tenant/ask-host.ts';
import type { RuleInput } from '../rule.ts';
import { judgesHosts, namespaceView } from './service-entry.ts';

/**
 * Why a ServiceEntry may not send traffic to this endpoint, in words that follow it; undefined when it
 * may. Outside tenants only what is protected or belongs to a tenant is refused.
 */
export function endpointReason(text: string, input: RuleInput): string | undefined {
  const isOpen = judgesHosts(input) !== 'granted';
  if (text === '')
    return isOpen ? undefined : 'is missing: traffic would go through another network';
  if (text.toLowerCase().startsWith('unix:')) {
    return isOpen ? undefined : "is a socket inside the proxy's container";
  }
  const range = parseCidr(text);
  return range === undefined ? nameReason(parseHost(text), input) : addressReason(range, input);
}

/** The same for an address or range, which may also be a virtual address of the entry. */
export function addressReason(range: Cidr, input: RuleInput): string | undefined {
  const { tenant, settings } = input;
  if (settings.protectedCidrs.overlapping(range)) return 'overlaps a protected range';
  if (judgesHosts(input) !== 'granted') return undefined;
  if (loopback.overlapping(range)) return 'is a loopback address';
  return tenant?.cidrs.contains(range) === true ? undefined : 'is outside the granted ranges';
}

/** The proxy's own host; "this host" (0.0.0.0, ::) is another name for it. */
const loopback = new CidrSet(
  ['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'].flatMap((text) => parseCidr(text) ?? []),
);

function nameReason(host: Host, input: RuleInput): string | undefined {
  if (host.kind === 'invalid') return host.reason;
  if (host.kind !== 'name') return 'is not a host name';
  const view = namespaceView(input, input.tenant?.namespaces ?? new Set([input.namespace]));
  if (protectedHostReason(host, input.settings, view) !== undefined) {
    return 'is a protected name or a Service of another namespace';
  }
  return isAcceptedName(host, input) ? undefined : 'is not granted';
}

/** Services that are left at this point are the author's own. */
function isAcceptedName(host: Extract<Host, { kind: 'name' }>, input: RuleInput): boolean {
  const { tenant, tenants, settings } = input;
  if (judgesHosts(input) !== 'granted') return !tenants.isForeignIngress(host, undefined);
  if (parseClusterName(host.name, settings.config.mesh.clusterDomain) !== undefined) return true;
  return tenant !== undefined && isGrantedHost(tenants, tenant, host);
}
