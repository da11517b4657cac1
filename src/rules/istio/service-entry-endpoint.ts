import type { FieldPath } from '../../admission/field-path.ts';
import { listOf, recordOf, textOf, type JsonRecord } from '../../admission/json.ts';
import { parseCidr } from '../../host/address.ts';
import { isGrantedHost } from '../../tenant/ask-host.ts';
import type { Rule, RuleInput, Violation } from '../rule.ts';
import { addressReason, endpointReason } from './service-entry-target.ts';
import { entryHosts, judgesHosts, serviceEntryMatch } from './service-entry.ts';

export const serviceEntryEndpoint: Rule = {
  id: 'service-entry-endpoint',
  title: 'ServiceEntries send traffic only to addresses and names that were granted',
  why:
    'The host says A, the endpoint sends to B: a granted name becomes a door to any address, to the ' +
    'object store, to cloud metadata, or to a socket inside the proxy.',
  fix: 'Use granted addresses and names, or have the platform team add them to egress.cidrs or egress.hosts',
  scope: 'cluster',
  harmsOthers: true,
  defaultActions: ['Deny'],
  match: serviceEntryMatch,
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
  validate(input) {
    if (judgesHosts(input) === 'nothing') return [];
    const spec = recordOf(input.object['spec']);
    return [
      ...addressViolations(spec, input),
      ...endpointViolations(spec, input),
      ...openPortViolations(spec, input),
      ...dynamicViolations(spec, input),
    ];
  },
};

function addressViolations(spec: JsonRecord, input: RuleInput): Violation[] {
  return listOf(spec['addresses']).flatMap((value, index) => {
    const text = textOf(value) ?? '';
    const range = parseCidr(text);
    const reason = range === undefined ? 'is no address' : addressReason(range, input);
    return violationAt(['spec', 'addresses', index], { text, reason, input });
  });
}

function endpointViolations(spec: JsonRecord, input: RuleInput): Violation[] {
  return listOf(spec['endpoints']).flatMap((value, index) => {
    const text = textOf(recordOf(value)['address']) ?? '';
    const path = ['spec', 'endpoints', index, 'address'];
    return violationAt(path, { text, reason: endpointReason(text, input), input });
  });
}

/** Ports whose protocol carries a host that the proxy can match. */
const hostProtocols = new Set(['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB', 'HTTPS', 'TLS']);

/** Resolution NONE, also the default, goes where the client says; without a host or an address to
 * match, that is everywhere. */
function openPortViolations(spec: JsonRecord, input: RuleInput): Violation[] {
  const resolution = textOf(spec['resolution']) ?? 'NONE';
  const isMatched = listOf(spec['addresses']).length > 0;
  if (judgesHosts(input) !== 'granted' || resolution !== 'NONE' || isMatched) return [];
  return listOf(spec['ports']).flatMap((port, index) => {
    const protocol = (textOf(recordOf(port)['protocol']) ?? '').toUpperCase();
    if (hostProtocols.has(protocol)) return [];
    return [
      {
        path: ['spec', 'ports', index],
        // The number, too: an old open port is no licence for another one.
        value: `${protocol} ${JSON.stringify(recordOf(port)['number'])}`,
        reason: `protocol "${protocol}" with resolution NONE and no addresses opens the port to every address`,
        fix: 'Set addresses from the granted ranges, or use resolution DNS',
      },
    ];
  });
}

/** The proxy resolves whatever the client asks for, so the client must be held inside a granted wildcard. */
function dynamicViolations(spec: JsonRecord, input: RuleInput): Violation[] {
  if (textOf(spec['resolution']) !== 'DYNAMIC_DNS' || judgesHosts(input) !== 'granted') return [];
  const { tenant, tenants } = input;
  const outside = entryHosts(input).filter(
    ({ host }) =>
      !(
        (host.kind === 'name' || host.kind === 'wildcard') &&
        tenant !== undefined &&
        isGrantedHost(tenants, tenant, host) &&
        tenant.hosts.hasWildcardFor(host)
      ),
  );
  if (outside.length === 0) return [];
  const reason = 'DYNAMIC_DNS is only for hosts inside a granted wildcard';
  const value = outside
    .map(({ text }) => text)
    .sort()
    .join(' ');
  return [{ path: ['spec', 'resolution'], value, reason }];
}

function violationAt(
  path: FieldPath,
  { text, reason, input }: { text: string; reason: string | undefined; input: RuleInput },
): Violation[] {
  if (reason === undefined) return [];
  const { tenant } = input;
  const allowed = tenant && [...tenant.cidrs.texts(), ...tenant.hostTexts];
  return [{ path, value: text, reason: `"${text}" ${reason}`, ...(allowed && { allowed }) }];
}
