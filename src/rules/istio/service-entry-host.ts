import { recordOf } from '../../admission/json.ts';
import { hostText, type Host } from '../../host/host.ts';
import { isOwnService } from '../../objects/istio/published-hosts.ts';
import { protectedHostReason } from '../../objects/istio/protected-host.ts';
import { isGrantedHost } from '../../tenant/ask-host.ts';
import type { Rule, RuleInput, Violation } from '../rule.ts';
import {
  entryHosts,
  judgesHosts,
  namespaceView,
  serviceEntryMatch,
  type EntryHost,
} from './service-entry.ts';

export const serviceEntryHost: Rule = {
  id: 'service-entry-host',
  title: 'ServiceEntries name only hosts that were granted to the tenant',
  why:
    'Istio asks nobody who owns a host. Whoever publishes a ServiceEntry for it first decides where ' +
    'the traffic of others goes.',
  fix: 'Name a granted host, or have the platform team add this one to egress.hosts of the StorageTenant',
  scope: 'cluster',
  harmsOthers: true,
  defaultActions: ['Deny'],
  match: serviceEntryMatch,
  examples: {
    allowed: [
      {
        name: 'a granted host in any spelling, and one inside a granted wildcard',
        yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: stripe, namespace: payments}
spec:
  hosts: ["API.Stripe.com.", "files.eu.payments.example.com"]
  exportTo: ["."]
  location: MESH_EXTERNAL
  resolution: DNS
  ports: [{number: 443, name: tls, protocol: TLS}]
`,
      },
    ],
    denied: [
      {
        name: 'hosts of others, numbers that are addresses, short names',
        yaml: `
apiVersion: networking.istio.io/v1alpha3
kind: ServiceEntry
metadata: {name: others, namespace: payments}
spec:
  hosts: ["api.stripe.com", "reports.analytics.example.com", "10.0.0.1.", "0x7f000001", "ledger", "xn--strpe-zra.com"]
  exportTo: ["."]
  resolution: DNS
  ports: [{number: 443, name: tls, protocol: TLS}]
`,
        paths: [
          'spec.hosts[1]',
          'spec.hosts[2]',
          'spec.hosts[3]',
          'spec.hosts[4]',
          'spec.hosts[5]',
        ],
      },
    ],
  },
  validate(input) {
    const scope = judgesHosts(input);
    if (scope === 'nothing') return [];
    const hosts = entryHosts(input);
    if (hosts.length === 0 && scope === 'granted') return [missingHosts(input)];
    return hosts.flatMap((host) =>
      scope === 'granted' ? grantViolations(host, input) : foreignViolations(host, input),
    );
  },
};

/** Without hosts an entry means nothing we know; a missing field must not be a way in. */
function missingHosts({ object }: RuleInput): Violation {
  const { hosts } = recordOf(object['spec']);
  const isOther = hosts !== undefined && hosts !== null && !Array.isArray(hosts);
  return {
    path: ['spec', 'hosts'],
    value: 'missing',
    reason: isOther ? 'is no list' : 'has no hosts',
    fix: 'List the hosts the entry is for',
  };
}

function grantViolations({ path, text, host }: EntryHost, input: RuleInput): Violation[] {
  const reason = grantReason(host, { text, input });
  if (reason === undefined) return [];
  const { tenant } = input;
  return [
    { path, value: valueOf(host, text), reason, ...(tenant && { allowed: tenant.hostTexts }) },
  ];
}

function grantReason(
  host: Host,
  { text, input }: { readonly text: string; readonly input: RuleInput },
): string | undefined {
  const { tenant, tenants, namespace, settings } = input;
  switch (host.kind) {
    case 'wildcard':
      return undefined; // service-entry-wildcard-host
    case 'invalid':
      return `host "${text}" ${host.reason}`;
    case 'address':
      return `host "${text}" is the address ${host.address}; addresses are no hosts`;
    case 'name': {
      const view = namespaceView(input, new Set([namespace]));
      if (protectedHostReason(host, settings, view) !== undefined) return undefined; // its own rule
      if (!host.name.includes('.')) {
        return `host "${text}" is a short name, which every namespace completes differently`;
      }
      const { clusterDomain } = settings.config.mesh;
      if (isOwnService(text, { kind: 'ServiceEntry', namespace, clusterDomain })) return undefined;
      if (tenant !== undefined && isGrantedHost(tenants, tenant, host)) return undefined;
      return `host "${text}" is not granted`;
    }
    default:
      return host satisfies never;
  }
}

/** Outside tenants only what others own is refused; who owns it is not said. */
function foreignViolations({ path, text, host }: EntryHost, { tenants }: RuleInput): Violation[] {
  if (host.kind !== 'name' || !tenants.isForeignIngress(host, undefined)) return [];
  return [
    {
      path,
      value: host.name,
      reason: `host "${text}" is not granted to this namespace, which belongs to no tenant`,
      fix: 'Create the entry in a namespace of the tenant that owns the host',
    },
  ];
}

function valueOf(host: Host, text: string): string {
  return host.kind === 'invalid' ? text : hostText(host);
}
