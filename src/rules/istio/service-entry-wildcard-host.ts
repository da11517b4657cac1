import { hostText, type Host } from '../../host/host.ts';
import { wildcardProblem } from '../../host/wildcard.ts';
import { coveredStorageName, protectedHostReason } from '../../objects/istio/protected-host.ts';
import { isGrantedHost } from '../../tenant/ask-host.ts';
import type { Rule, RuleInput } from '../rule.ts';
import { entryHosts, judgesHosts, namespaceView, serviceEntryMatch } from './service-entry.ts';

export const serviceEntryWildcardHost: Rule = {
  id: 'service-entry-wildcard-host',
  title: 'ServiceEntries use a wildcard host only inside one that was granted',
  why:
    'Istio compares wildcards by plain suffix, so one line can take over the traffic of hosts nobody ' +
    'thought of: "*local" covers the object store.',
  fix: 'Name the hosts one by one, or have the platform team grant a wildcard in egress.hosts',
  scope: 'cluster',
  harmsOthers: true,
  defaultActions: ['Deny'],
  match: serviceEntryMatch,
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
  validate(input) {
    if (judgesHosts(input) === 'nothing') return [];
    return entryHosts(input).flatMap(({ path, host }) => {
      if (host.kind !== 'wildcard') return [];
      const reason = wildcardReason(host, input);
      if (reason === undefined) return [];
      const value = hostText(host);
      return [{ path, value, reason: `wildcard "${value}" ${reason}`, ...grantedList(input) }];
    });
  },
};

function wildcardReason(
  host: Extract<Host, { kind: 'wildcard' }>,
  input: RuleInput,
): string | undefined {
  const { tenant, tenants, settings } = input;
  const problem = wildcardProblem(host);
  const covered = coveredStorageName(host, settings);
  const coverage = covered === undefined ? undefined : `covers the store, "${covered}"`;
  if (problem !== undefined) return coverage === undefined ? problem : `${problem}; it ${coverage}`;
  if (coverage !== undefined) return coverage;
  const isProtected = protectedHostReason(host, settings, namespaceView(input, new Set()));
  if (isProtected !== undefined) return isProtected;
  if (tenant === undefined) return 'is not for a namespace that belongs to no tenant';
  return isGrantedHost(tenants, tenant, host) ? undefined : 'is not granted';
}

function grantedList({ tenant }: RuleInput): { readonly allowed?: readonly string[] } {
  return tenant === undefined ? {} : { allowed: tenant.hostTexts };
}
