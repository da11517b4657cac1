import {
  exportReachOf,
  gatewayHomes,
  isForIngress,
  type Author,
} from '../../objects/istio/export-reach.ts';
import { gatewayNamespace } from '../../objects/istio/gateway-name.ts';
import type { PublishedObject } from '../../objects/istio/published-object.ts';
import type { World } from '../../tenant/world.ts';
import type { RuleOf, Violation } from '../rule.ts';
import { authorIn } from './claimant.ts';
import { exportSubject, type ExportView } from './subject.ts';

export const exportScope: RuleOf<ExportView> = {
  id: 'export-scope',
  title: 'Istio objects about hosts beyond their namespace are exported no further than needed',
  why:
    'Without exportTo, or with "*", an object takes effect in every namespace of the mesh. The oldest one ' +
    'for a host decides for everybody, and one exported to a single namespace wins there at any age.',
  fix: 'Set exportTo to ["."]; Bucketwarden fills it in when the field is left out',
  subject: exportSubject,
  scope: 'cluster',
  harmsOthers: true,
  defaultActions: ['Deny'],
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
        name: 'addresses of the cluster, published from a namespace that belongs to no tenant',
        yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: innocent, namespace: default}
spec:
  hosts: ["x.example.net"]
  addresses: ["10.96.0.0/16"]
  exportTo: ["*"]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{number: 9000, name: tcp, protocol: TCP}]
  endpoints: [{address: 10.244.0.12}]
`,
        paths: ['spec.exportTo[0]'],
      },
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
  validate({ published, namespace }, world) {
    const author = { namespace, claimant: authorIn(namespace, world) };
    const { allowed } = exportReachOf(published, author);
    if (allowed === undefined) return [];
    if (published.exportTo.length === 0) return [missing];
    const violations = published.exportTo
      .filter(({ text }) => !ownOrNone.has(text) && !allowed.has(text))
      .map(({ path, text }) => ({ path, reason: refusalText(text, world) }));
    return [
      ...violations,
      ...gatewayProblems(published, author),
      ...ambientWarning(namespace, world),
    ];
  },
};

const missing: Violation = {
  path: ['spec', 'exportTo'],
  reason: 'is missing, so the object is exported to every namespace',
};

/** The object's own namespace, and no namespace at all. */
const ownOrNone: ReadonlySet<string> = new Set(['.', '~']);

function refusalText(text: string, { tenant }: World): string {
  return tenant === undefined
    ? `"${text}" is beyond this namespace, and the hosts or addresses are not for others to publish`
    : `"${text}" is neither a namespace of the tenant nor one that this object may be exported to`;
}

/**
 * Gateways that will not see a tenant's VirtualService: in a namespace that is not known for gateways, or
 * because its hosts are not the tenant's. Without a word it would vanish from them.
 */
function gatewayProblems(published: PublishedObject, author: Author): Violation[] {
  const { tenant, settings } = author.claimant.world;
  if (tenant === undefined || published.isDelegate) return [];
  const isKnown = isForIngress(published, author);
  const homes = gatewayHomes(settings);
  return published.gateways.flatMap((name): Violation[] => {
    const home = gatewayNamespace(name, author.namespace);
    if (home === author.namespace || tenant.namespaces.has(home)) return [];
    const path = ['spec', 'gateways'];
    if (!isKnown) {
      const reason = `"${name}" does not see it: its hosts are not all ingress hosts of the tenant`;
      return [{ path, reason, fix: ingressFix, limit: 'Warn' }];
    }
    if (homes.has(home)) return [];
    return [
      { path, reason: `"${name}" is in a namespace that is not known for gateways`, fix: homeFix },
    ];
  });
}

const ingressFix = 'Have the platform team add the hosts to ingress.hosts of the StorageTenant';
const homeFix = 'Have the platform team add the namespace to mesh.gatewayNamespaces in the config';

/** Ztunnel and waypoints do not read exportTo (istio/istio#55163). */
function ambientWarning(namespace: string, { namespaces }: World): Violation[] {
  if (namespaces?.get(namespace)?.['istio.io/dataplane-mode'] !== 'ambient') return [];
  return [
    {
      path: ['spec', 'exportTo'],
      reason: 'is ignored by the ambient mesh this namespace is in',
      fix: 'Rely on granted hosts, not on exportTo, in ambient namespaces',
      limit: 'Warn',
    },
  ];
}
