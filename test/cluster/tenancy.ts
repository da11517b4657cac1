import { existsSync } from 'node:fs';
import { thirdParty } from '../third-party.ts';
import { eventually } from '../eventually.ts';
import { mustSucceed, type Kubectl } from './kubectl.ts';
import { infrastructureNamespace } from './register.ts';

const root = new URL('../../', import.meta.url);

/** Namespaces of the example tenants, and one of every other class. */
const namespaces = [
  'payments',
  'payments-batch',
  'analytics',
  'nobody',
  'storage',
  'istio-system',
  infrastructureNamespace,
];

/**
 * Brings a cluster to where every suite begins: the real CRDs of Istio, the example tenants, their
 * namespaces and service accounts. May be called again and again.
 */
export async function createTenancy(kubectl: Kubectl): Promise<void> {
  await mustSucceed(kubectl(['apply', '--server-side', '-f', istioCrds()]));
  const objects = [
    ...namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...['ledger-writer', 'web'].map((name) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace: 'payments' },
    })),
  ];
  const stdin = objects.map((object) => JSON.stringify(object)).join('\n');
  await mustSucceed(kubectl(['apply', '-f', '-'], { stdin }));
  await mustSucceed(kubectl(['apply', '-f', new URL('examples/tenants.yaml', root).pathname]));
  for (const namespace of namespaces) {
    await eventually(() =>
      mustSucceed(kubectl(['get', 'serviceaccount', 'default', '-n', namespace])),
    );
  }
}

/** Removes the tenants, which every suite has its own idea of; namespaces and CRDs may stay. */
export async function removeTenants(kubectl: Kubectl): Promise<void> {
  await mustSucceed(kubectl(['delete', 'storagetenants', '--all']));
}

function istioCrds(): string {
  const file = `${thirdParty.data.path}/crds/istio.yaml`;
  if (existsSync(file)) return file;
  return new URL('test/cluster/schemaless-istio-crds.yaml', root).pathname;
}
