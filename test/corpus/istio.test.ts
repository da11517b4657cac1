import { expect, it } from 'vitest';
import { listOf, recordOf, textOf, type JsonRecord } from '../../src/admission/json.ts';
import { admit } from '../../src/engine/admit.ts';
import { injected } from '../inject/admission-cycle.ts';
import { anEngine, aRequest, aTenant } from '../builders.ts';
import { describeWith, objectsIn, thirdParty, yamlFiles } from '../third-party.ts';

const entries = yamlFiles(thirdParty.corpus, 'istio').flatMap((file) =>
  objectsIn(thirdParty.corpus, `istio/${file}`).flatMap((object) =>
    object['kind'] === 'ServiceEntry'
      ? [{ file: file.replace(/^serviceentry-|\.yaml$/g, ''), object }]
      : [],
  ),
);

async function denials(object: JsonRecord, engine = anEngine()): Promise<string[]> {
  const request = aRequest({ object: await injected(aRequest({ object }), engine) });
  const { decision } = await admit(request, engine);
  return decision.denied.map(({ finding }) => `${finding.rule.id}: ${finding.violation.reason}`);
}

/** Where the file says, so that Services of the own namespace are seen as such; never in the mesh's. */
function untenanted(object: JsonRecord): JsonRecord {
  const namespace = textOf(recordOf(object['metadata'])['namespace']) ?? 'free';
  return inNamespace(object, namespace === 'istio-system' ? 'free' : namespace);
}

function inNamespace(object: JsonRecord, namespace: string): JsonRecord {
  return { ...object, metadata: { ...recordOf(object['metadata']), namespace } };
}

/** Every reason for a denial outside tenants, and the files it is for. */
const deniedOutsideTenants: Readonly<Record<string, readonly string[]>> = {
  // Wildcards: outside tenants nobody can have been granted one.
  'service-entry-wildcard-host: wildcard "*" matches every host': [
    '029-api-bad-host-wildcard',
    '055-istio-service-entry-ignore',
  ],
  'service-entry-protected-host: host "*" covers the object store, "minio.storage.svc.cluster.local"':
    ['029-api-bad-host-wildcard', '055-istio-service-entry-ignore'],
  'service-entry-wildcard-host: wildcard "*.bar.com" is not allowed in a namespace that belongs to no tenant':
    ['089-istio-external-svc-wildcard-example'],
  'service-entry-wildcard-host: wildcard "*.bing.com" is not allowed in a namespace that belongs to no tenant':
    ['068-istio-bing-wildcard', '070-istio-googlebing'],
  'service-entry-wildcard-host: wildcard "*.domain.com" is not allowed in a namespace that belongs to no tenant':
    [
      '050-istio-wildcard-service-entry',
      '051-istio-wildcard-service-entry',
      '052-istio-wildcard-service-entry',
    ],
  'service-entry-wildcard-host: wildcard "*.egress.com" is not allowed in a namespace that belongs to no tenant':
    ['040-istio-egress'],
  'service-entry-wildcard-host: wildcard "*.eu.bookinfo.com" is not allowed in a namespace that belongs to no tenant':
    ['056-istio-eu-wildcard', '063-istio-service-entry-bookinfo'],
  'service-entry-wildcard-host: wildcard "*.example.com" is not allowed in a namespace that belongs to no tenant':
    ['039-istio-foo'],
  'service-entry-wildcard-host: wildcard "*.google.co.in" is not allowed in a namespace that belongs to no tenant':
    ['069-istio-wildcardgooglenovs', '071-istio-wildcardgoogletls'],
  'service-entry-wildcard-host: wildcard "*.google.co.uk" is not allowed in a namespace that belongs to no tenant':
    ['069-istio-wildcardgooglenovs', '071-istio-wildcardgoogletls'],
  'service-entry-wildcard-host: wildcard "*.googleapis.com" is not allowed in a namespace that belongs to no tenant':
    ['058-istio-googleapis'],
  'service-entry-wildcard-host: wildcard "*.kiali.io" is not allowed in a namespace that belongs to no tenant':
    ['054-istio-istio'],
  'service-entry-wildcard-host: wildcard "*.random-4.host.example" is not allowed in a namespace that belongs to no tenant':
    ['049-istio-service-none-wildcard'],
  'service-entry-wildcard-host: wildcard "*.wikipedia.org" is not allowed in a namespace that belongs to no tenant':
    ['072-istio-wikipedia'],
  'service-entry-wildcard-host: wildcard "*x" is a partial wildcard: Istio compares plain suffixes, without a label boundary':
    ['033-api-partial-wildcard'],
  // Services of other namespaces, named as host or as endpoint.
  'service-entry-endpoint: "t.istio-system.svc.cluster.local" is a protected name or a Service of another namespace':
    [
      '057-istio-valid-service-entry',
      '062-istio-invalid-service-entry',
      '063-istio-service-entry-bookinfo',
      '064-istio-service-entry-http-scope-private',
      '065-istio-service-entry-http-scope-public',
      '066-istio-service-entry-tcp-scope-public',
      '067-istio-service-entry-tcp-scope-public',
    ],
  'service-entry-protected-host: host "destall.default.svc.cluster.local" is a name of the cluster outside this namespace':
    ['077-istio-destall'],
  'service-entry-protected-host: host "ingress1.istio-system.svc.cluster.local" is a name of the cluster outside this namespace':
    ['042-istio-service-instance'],
  'service-entry-protected-host: host "ingress2.istio-system.svc.cluster.local" is a name of the cluster outside this namespace':
    ['046-istio-service-instance-2'],
  'service-entry-protected-host: host "istio-ingressgateway.istio-system.svc.cluster.local" is a name of the cluster outside this namespace':
    ['041-istio-service-instance', '043-istio-service-instance', '091-istio-istio-ingressgateway'],
  'service-entry-protected-host: host "istio-policy.istio-system.svc.cluster.local" is a name of the cluster outside this namespace':
    ['092-istio-istio-policy'],
  'service-entry-protected-host: host "istio-telemetry.istio-system.svc.cluster.local" is a name of the cluster outside this namespace':
    ['093-istio-istio-telemetry'],
  'service-entry-protected-host: host "pod.pod.svc.cluster.local" is a name of the cluster outside this namespace':
    ['053-istio-pod'],
  'service-entry-protected-host: host "sds-grpc-server.istio-system.svc.cluster.local" is a name of the cluster outside this namespace':
    ['073-istio-sds-grpc-server'],
  'service-entry-protected-host: host "sds-provider.sds-system.svc.cluster.local" is a name of the cluster outside this namespace':
    ['044-istio-sds-provider'],
  'service-entry-protected-host: host "weighted.static.svc.cluster.local" is a name of the cluster outside this namespace':
    ['090-istio-httpbin'],
  // Three of these are exported to everybody as well.
  'export-scope: "*" is beyond this namespace, and the hosts or addresses are not for others to publish':
    ['091-istio-istio-ingressgateway', '092-istio-istio-policy', '093-istio-istio-telemetry'],
  // What cannot be read: an IPv6 address that YAML takes for a map.
  'export-scope: must be a string, found an object': ['032-api-full'],
};

describeWith(thirdParty.corpus, 'real ServiceEntries', () => {
  it('there are some to try', () => {
    expect(entries.length).toBeGreaterThan(60);
  });

  it('outside tenants only wildcards and protected names are denied, and here are all of them', async () => {
    const denied: Record<string, string[]> = {};
    for (const { file, object } of entries) {
      for (const reason of await denials(untenanted(object))) {
        const files = (denied[reason] ??= []);
        if (!files.includes(file)) files.push(file);
      }
    }
    expect(denied).toEqual(deniedOutsideTenants);
  });

  it.each(entries)('$file: nothing of it passes where nothing is granted', async ({ object }) => {
    const engine = anEngine({ tenants: [aTenant({ egress: {} })] });
    const hosts = listOf(recordOf(object['spec'])['hosts']).map((host) => textOf(host));
    const reasons = await denials(inNamespace(object, 'payments'), engine);
    expect(reasons.length, hosts.join(', ')).toBeGreaterThan(0);
  });
});
