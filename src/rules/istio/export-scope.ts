import { createHash } from 'node:crypto';
import { listOf, recordOf, textOf } from '../../admission/json.ts';
import { isAboutOwnServices, publishedHosts } from '../../objects/istio/published-hosts.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import type { Rule, RuleInput, Violation } from '../rule.ts';

export const exportScope: Rule = {
  id: 'export-scope',
  title:
    'Istio objects of a tenant about hosts beyond its namespace are exported to its own namespaces',
  why:
    'Without exportTo, or with "*", the object takes effect in every namespace of the mesh; the oldest ' +
    'one for a host decides for everybody.',
  fix: 'Set exportTo to ["."]; Bucketwarden fills it in when the field is left out',
  scope: 'tenant',
  harmsOthers: true,
  defaultActions: ['Deny'],
  match: [
    {
      group: 'networking.istio.io',
      resources: ['serviceentries', 'virtualservices', 'destinationrules'],
      operations: ['CREATE', 'UPDATE'],
    },
  ],
  examples: {
    allowed: [
      {
        name: 'left out: it is filled in before the object is judged',
        yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: stripe, namespace: payments}
spec:
  hosts: ["api.stripe.com"]
  resolution: DNS
  ports: [{number: 443, name: tls, protocol: TLS}]
`,
      },
      {
        name: "a Service's own routing, which its clients elsewhere need",
        yaml: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ledger, namespace: payments}
spec:
  hosts: ["ledger", "ledger.payments.svc.cluster.local"]
  exportTo: ["*"]
  http: [{route: [{destination: {host: ledger}}]}]
`,
      },
    ],
    denied: [
      {
        name: 'exported to everybody and to a foreign namespace',
        yaml: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: stripe, namespace: payments}
spec: {host: api.stripe.com, exportTo: [".", "*", "analytics"]}
`,
        paths: ['spec.exportTo[1]', 'spec.exportTo[2]'],
      },
    ],
  },
  validate(input) {
    const { tenant, object, kind, namespace, settings } = input;
    const { clusterDomain } = settings.config.mesh;
    if (tenant === undefined) return [];
    if (isAboutOwnServices(object, { kind: kind.kind, namespace, clusterDomain })) return [];
    const exportTo = listOf(recordOf(object['spec'])['exportTo']);
    const what = publishedHash(input);
    if (exportTo.length === 0) return [{ ...missing, value: `missing ${what}` }];
    const violations = exportTo.flatMap((scope, index) => {
      const text = textOf(scope) ?? '';
      if (staysInside(text, { tenant, namespace })) return [];
      const path = ['spec', 'exportTo', index];
      const value = `${text} ${what}`;
      return [{ path, value, reason: `"${text}" is not a namespace of the tenant` }];
    });
    return [...violations, ...ambientWarning(input)];
  },
};

/**
 * What is exported belongs to the violation: another host in an old wide export is a new one. Hashed,
 * for it stands in every violation and may be long.
 */
function publishedHash({ object, kind }: RuleInput): string {
  const hosts = publishedHosts(object, kind.kind).map(({ text }) => text ?? '');
  const addresses = listOf(recordOf(object['spec'])['addresses']).map((one) => textOf(one) ?? '');
  const text = [...hosts, ...addresses].sort().join(' ');
  return createHash('sha256').update(text).digest('base64url');
}

const missing = {
  path: ['spec', 'exportTo'],
  reason: 'is missing, so the object is exported to every namespace',
} as const;

function staysInside(
  exportTo: string,
  { tenant, namespace }: { readonly tenant: Tenant; readonly namespace: string },
): boolean {
  return (
    exportTo === '.' ||
    exportTo === '~' ||
    exportTo === namespace ||
    tenant.namespaces.has(exportTo)
  );
}

/** Ztunnel and waypoints do not read exportTo (istio/istio#55163). */
function ambientWarning({ namespaces, namespace }: RuleInput): Violation[] {
  if (namespaces?.get(namespace)?.['istio.io/dataplane-mode'] !== 'ambient') return [];
  return [
    {
      path: ['spec', 'exportTo'],
      value: 'ambient',
      reason: 'is ignored by the ambient mesh this namespace is in',
      fix: 'Rely on granted hosts, not on exportTo, in ambient namespaces',
      limit: 'Warn',
    },
  ];
}
