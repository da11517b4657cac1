import { exportReachOf } from '../../objects/istio/export-reach.ts';
import type { World } from '../../tenant/world.ts';
import type { RuleOf, Violation } from '../rule.ts';
import { authorIn } from './claimant.ts';
import { exportSubject, type ExportView } from './subject.ts';

export const exportScope: RuleOf<ExportView> = {
  id: 'export-scope',
  title:
    'Istio objects of a tenant about hosts beyond its namespace are exported to its own namespaces',
  why:
    'Without exportTo, or with "*", the object takes effect in every namespace of the mesh; the oldest ' +
    'one for a host decides for everybody.',
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
    const claimant = authorIn(namespace, world);
    const { allowed } = exportReachOf(published, { namespace, claimant });
    if (allowed === undefined) return [];
    if (published.exportTo.length === 0) return [missing];
    const violations = published.exportTo
      .filter(({ text }) => !ownOrNone.has(text) && !allowed.has(text))
      .map(({ path, text }) => ({ path, reason: refusalText(text, world) }));
    return [...violations, ...ambientWarning(namespace, world)];
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
    ? `"${text}" is beyond this namespace, and hosts or addresses of a tenant are concerned`
    : `"${text}" is neither a namespace of the tenant nor one that this object may be exported to`;
}

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
