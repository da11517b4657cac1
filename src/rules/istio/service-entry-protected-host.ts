import { hostText } from '../../host/host.ts';
import { protectionOf } from '../../objects/protection.ts';
import { hostPolicyOf } from '../../tenant/world.ts';
import type { RuleOf } from '../rule.ts';
import { authorIn } from './claimant.ts';
import { serviceEntrySubject, type ServiceEntryView } from './subject.ts';

export const serviceEntryProtectedHost: RuleOf<ServiceEntryView> = {
  id: 'service-entry-protected-host',
  title: 'ServiceEntries do not stand in for the object store, other Services or cloud metadata',
  why:
    'In the namespace of the client a ServiceEntry wins over the Kubernetes Service of the same name: ' +
    "one object sends a namespace's storage traffic, tokens included, wherever its author likes.",
  fix: 'Remove the host; Services of the cluster and the object store are reached without a ServiceEntry',
  subject: serviceEntrySubject,
  scope: 'cluster',
  harmsOthers: true,
  defaultActions: ['Deny'],
  examples: {
    allowed: [
      {
        name: 'a Service of the own namespace, to add accepted names to it',
        yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ledger, namespace: payments}
spec:
  hosts: ["ledger.payments.svc.cluster.local"]
  exportTo: ["."]
  location: MESH_INTERNAL
  resolution: NONE
  ports: [{number: 80, name: http, protocol: HTTP}]
`,
      },
    ],
    denied: [
      {
        name: 'the store in three forms, a foreign Service, metadata',
        yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: hijack, namespace: payments}
spec:
  hosts:
    - MinIO.Storage.svc.cluster.local
    - minio.storage
    - minio.storage.svc
    - api.analytics.svc.cluster.local
    - metadata.google.internal
    - 169.254.169.254
  exportTo: ["."]
  resolution: DNS
  ports: [{number: 9000, name: http, protocol: HTTP}]
`,
        paths: [
          'spec.hosts[0]',
          'spec.hosts[1]',
          'spec.hosts[2]',
          'spec.hosts[3]',
          'spec.hosts[4]',
          'spec.hosts[5]',
        ],
      },
      {
        name: 'the pods behind the store, by a name that looks like a public one, and wildcards over it',
        yaml: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: hijack, namespace: payments}
spec:
  hosts: [minio-hl.storage, minio-0.minio-hl.storage, "*local", "*.storage"]
  exportTo: ["."]
  resolution: DNS
  ports: [{number: 9000, name: http, protocol: HTTP}]
`,
        paths: ['spec.hosts[0]', 'spec.hosts[1]', 'spec.hosts[2]', 'spec.hosts[3]'],
      },
    ],
  },
  validate({ published, namespace }, world) {
    if (hostPolicyOf(world) === 'nothing') return [];
    const author = authorIn(namespace, world);
    return published.hosts.flatMap(({ path, text, host }) => {
      const reason = protectionOf(host, author);
      if (reason === undefined || host.kind === 'invalid') return [];
      return [{ path, key: hostText(host), reason: `host "${text}" ${reason}` }];
    });
  },
};
