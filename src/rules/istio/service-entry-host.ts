import { hostText, type Host } from '../../host/host.ts';
import { claimHost, type Claimant } from '../../objects/host-claim.ts';
import type { NamedHost } from '../../objects/named-host.ts';
import { protectionOf } from '../../objects/protection.ts';
import { grantedHostTexts } from '../../tenant/ask-host.ts';
import { hostPolicyOf } from '../../tenant/world.ts';
import type { RuleOf, Violation } from '../rule.ts';
import { authorIn } from './claimant.ts';
import { serviceEntrySubject, type ServiceEntryView } from './subject.ts';

export const serviceEntryHost: RuleOf<ServiceEntryView> = {
  id: 'service-entry-host',
  title: 'ServiceEntries name only hosts that were granted to the tenant',
  why:
    'Istio does not check who owns a host. Whoever publishes a ServiceEntry for it first decides where ' +
    'the traffic of others goes.',
  fix: 'Name a granted host, or have the platform team add this one to egress.hosts of the StorageTenant',
  subject: serviceEntrySubject,
  scope: 'cluster',
  harmsOthers: true,
  defaultActions: ['Deny'],
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
  validate({ published, namespace }, world) {
    const policy = hostPolicyOf(world);
    if (policy === 'nothing') return [];
    if (published.hosts.length === 0 && policy === 'granted') return [missingHosts];
    const author = authorIn(namespace, world);
    return published.hosts.flatMap((named) => hostViolations(named, author));
  },
};

/** Without hosts an entry means nothing we know; a missing field must not be a way in. */
const missingHosts: Violation = {
  path: ['spec', 'hosts'],
  reason: 'has no hosts',
  fix: 'List the hosts the entry is for',
};

/** Wildcards and what is protected have rules of their own. */
function hostViolations(named: NamedHost, author: Claimant): Violation[] {
  const { path, text, host } = named;
  if (host.kind === 'wildcard' || protectionOf(host, author) !== undefined) return [];
  const claim = claimHost(named, author);
  if (!('reason' in claim)) return [];
  const reason = `host "${text}" ${claim.reason}`;
  if (claim.kind === 'foreign') return [{ path, key: keyOf(host, text), reason, fix: foreignFix }];
  const { tenant } = author.world;
  const allowed = tenant && grantedHostTexts(tenant, 'either');
  return [{ path, key: keyOf(host, text), reason, ...(allowed && { allowed }) }];
}

/** Outside tenants nobody is told who owns a host. */
const foreignFix = 'Create the entry in a namespace of the tenant that owns the host';

function keyOf(host: Host, text: string): string {
  return host.kind === 'invalid' ? text : hostText(host);
}
