import { protectedHostReason } from '../../objects/istio/protected-host.ts';
import type { Rule } from '../rule.ts';
import { entryHosts, judgesHosts, namespaceView, serviceEntryMatch } from './service-entry.ts';

export const serviceEntryProtectedHost: Rule = {
  id: 'service-entry-protected-host',
  title: 'ServiceEntries do not stand in for the object store, other Services or cloud metadata',
  why:
    'In the namespace of the client a ServiceEntry wins over the Kubernetes Service of the same name: ' +
    "one object sends a namespace's storage traffic, tokens included, wherever its author likes.",
  fix: 'Remove the host; Services of the cluster and the object store are reached without a ServiceEntry',
  scope: 'cluster',
  harmsOthers: true,
  defaultActions: ['Deny'],
  match: serviceEntryMatch,
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
        ],
      },
    ],
  },
  validate(input) {
    if (judgesHosts(input) === 'nothing') return [];
    const namespaces = namespaceView(input, new Set([input.namespace]));
    return entryHosts(input).flatMap(({ path, text, host }) => {
      if (host.kind !== 'name') return [];
      const reason = protectedHostReason(host, input.settings, namespaces);
      return reason === undefined
        ? []
        : [{ path, value: host.name, reason: `host "${text}" ${reason}` }];
    });
  },
};
