import { hostText } from '../../host/host.ts';
import { claimHost } from '../../objects/host-claim.ts';
import { grantedHostTexts } from '../../tenant/ask-host.ts';
import { hostPolicyOf } from '../../tenant/world.ts';
import type { RuleOf } from '../rule.ts';
import { authorIn } from './claimant.ts';
import { serviceEntrySubject, type ServiceEntryView } from './subject.ts';

export const serviceEntryWildcardHost: RuleOf<ServiceEntryView> = {
  id: 'service-entry-wildcard-host',
  title: 'ServiceEntries use a wildcard host only inside one that was granted',
  why:
    'Istio compares wildcards by plain suffix, so one line can take over the traffic of hosts that its ' +
    'author never thought of: "*local" covers the object store.',
  fix: 'Name the hosts one by one, or have the platform team grant a wildcard in egress.hosts',
  subject: serviceEntrySubject,
  scope: 'cluster',
  harmsOthers: true,
  defaultActions: ['Deny'],
  examples: {
    allowed: [
      {
        name: 'the granted wildcard and a narrower one',
        yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partners, namespace: payments}
spec:
  hosts: ["*.payments.example.com", "*.eu.payments.example.com"]
  exportTo: ["."]
  location: MESH_EXTERNAL
  resolution: NONE
  ports: [{number: 443, name: tls, protocol: TLS}]
`,
      },
    ],
    denied: [
      {
        name: 'wildcards nobody can be granted, beside a good host',
        yaml: `
apiVersion: networking.istio.io/v1beta1
kind: ServiceEntry
metadata: {name: everything, namespace: payments}
spec:
  hosts: ["api.stripe.com", "*.", "*local", "*.co.uk", "*.svc.cluster.local", "*.example.com"]
  exportTo: ["."]
  resolution: NONE
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
    if (hostPolicyOf(world) === 'nothing') return [];
    const author = authorIn(namespace, world);
    const allowed = world.tenant && grantedHostTexts(world.tenant, 'either');
    return published.hosts.flatMap(({ path, host }) => {
      if (host.kind !== 'wildcard') return [];
      const claim = claimHost({ host }, author);
      if (!('reason' in claim)) return [];
      const reason = `wildcard "${hostText(host)}" ${claim.reason}`;
      return [{ path, reason, ...(allowed && { allowed }) }];
    });
  },
};
