import type { FieldPath } from '../../admission/field-path.ts';
import { claimHost, type Claimant } from '../../objects/host-claim.ts';
import { addressRefusal, endpointRefusal } from '../../objects/target-claim.ts';
import { grantedHostTexts, isInGrantedWildcard } from '../../tenant/ask-host.ts';
import { hostPolicyOf } from '../../tenant/world.ts';
import type { RuleOf, Violation } from '../rule.ts';
import { authorIn, senderIn } from './claimant.ts';
import { serviceEntrySubject, type ServiceEntryView } from './subject.ts';

export const serviceEntryEndpoint: RuleOf<ServiceEntryView> = {
  id: 'service-entry-endpoint',
  title: 'ServiceEntries send traffic only to addresses and names that were granted',
  why:
    'The host says A, the endpoint sends to B: a granted name becomes a door to any address, to the ' +
    'object store, to cloud metadata, or to a socket inside the proxy.',
  fix: 'Use granted addresses and names, or have the platform team add them to egress.cidrs or egress.hosts',
  subject: serviceEntrySubject,
  scope: 'cluster',
  harmsOthers: true,
  defaultActions: ['Deny'],
  examples: {
    allowed: [
      {
        name: 'an address of a granted range',
        yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: bank, namespace: payments}
spec:
  hosts: ["api.stripe.com"]
  addresses: ["203.0.113.4"]
  exportTo: ["."]
  resolution: STATIC
  ports: [{number: 443, name: tls, protocol: TLS}]
  endpoints: [{address: 203.0.113.5}]
`,
      },
      {
        name: 'a granted wildcard, resolved by the proxy',
        yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partners, namespace: payments}
spec:
  hosts: ["*.payments.example.com"]
  exportTo: ["."]
  resolution: DYNAMIC_DNS
  ports: [{number: 443, name: tls, protocol: TLS}]
`,
      },
    ],
    denied: [
      {
        name: 'addresses outside the range, cloud metadata, a socket, the store',
        yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: bank, namespace: payments}
spec:
  hosts: ["api.stripe.com"]
  addresses: ["10.0.0.0/8"]
  exportTo: ["."]
  resolution: STATIC
  ports: [{number: 443, name: tls, protocol: TLS}]
  endpoints:
    - {address: "::ffff:169.254.169.254"}
    - {address: "unix:///var/run/x.sock"}
    - {address: 127.0.0.1}
    - {address: minio.storage.svc}
    - {ports: {tls: 443}}
`,
        paths: [
          'spec.addresses[0]',
          'spec.endpoints[0].address',
          'spec.endpoints[1].address',
          'spec.endpoints[2].address',
          'spec.endpoints[3].address',
          'spec.endpoints[4].address',
        ],
      },
      {
        name: 'a port that resolution NONE opens to every address',
        yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: bank, namespace: payments}
spec:
  hosts: ["api.stripe.com"]
  exportTo: ["."]
  ports: [{number: 5432, name: tcp, protocol: TCP}]
`,
        paths: ['spec.ports[0]'],
      },
    ],
  },
  validate(entry, world) {
    const policy = hostPolicyOf(world);
    if (policy === 'nothing') return [];
    const sender = senderIn(entry.namespace, world);
    const targets = [...addressViolations(entry, sender), ...endpointViolations(entry, sender)];
    if (policy === 'protected') return targets;
    const author = authorIn(entry.namespace, world);
    return [...targets, ...openPortViolations(entry), ...dynamicViolations(entry, author)];
  },
};

function addressViolations({ published }: ServiceEntryView, sender: Claimant): Violation[] {
  return published.addresses.flatMap(({ path, text, range }) => {
    const reason =
      range === undefined ? 'is not an address or range' : addressRefusal(range, sender);
    return violationAt(path, { text, reason, sender });
  });
}

function endpointViolations({ endpoints }: ServiceEntryView, sender: Claimant): Violation[] {
  return endpoints.flatMap(({ path, address }) =>
    violationAt(path, { text: address, reason: endpointRefusal(address, sender), sender }),
  );
}

/** Ports whose protocol carries a host that the proxy can match. */
const hostProtocols = new Set(['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB', 'HTTPS', 'TLS']);

/**
 * Resolution NONE, also the default, goes where the client says; without a host or an address to match,
 * that is everywhere.
 */
function openPortViolations({ ports, resolution, published }: ServiceEntryView): Violation[] {
  if (resolution !== 'NONE' || published.addresses.length > 0) return [];
  return ports
    .filter(({ protocol }) => !hostProtocols.has(protocol))
    .map(({ path, protocol }) => ({
      path,
      reason: `protocol "${protocol}" with resolution NONE and no addresses opens the port to every address`,
      fix: 'Set addresses from the granted ranges, or use resolution DNS',
    }));
}

/** The proxy resolves whatever the client asks for, so the client must be held inside a granted wildcard. */
function dynamicViolations(
  { resolution, published }: ServiceEntryView,
  author: Claimant,
): Violation[] {
  if (resolution !== 'DYNAMIC_DNS') return [];
  const { tenant } = author.world;
  const isInside = published.hosts.every(
    ({ host }) =>
      (host.kind === 'name' || host.kind === 'wildcard') &&
      claimHost({ host }, author).kind === 'granted' &&
      tenant !== undefined &&
      isInGrantedWildcard(tenant, { host, grants: 'either' }),
  );
  if (isInside) return [];
  const reason = 'DYNAMIC_DNS is only for hosts inside a granted wildcard';
  return [{ path: ['spec', 'resolution'], reason }];
}

function violationAt(
  path: FieldPath,
  {
    text,
    reason,
    sender,
  }: { readonly text: string; readonly reason: string | undefined; readonly sender: Claimant },
): Violation[] {
  if (reason === undefined) return [];
  const { tenant } = sender.world;
  const allowed = tenant && [...tenant.cidrs.texts(), ...grantedHostTexts(tenant, 'either')];
  return [{ path, reason: `"${text}" ${reason}`, ...(allowed && { allowed }) }];
}
