import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { listOf, recordOf, textOf, valueAt, type JsonRecord } from '../../src/admission/json.ts';
import { isConflict } from '../../src/kube/cluster-error.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import type { Administrator } from './cluster.ts';

/** What gives the server its rights, in the order in which it can be made. */
const files = {
  '/api/v1/namespaces': 'namespace.yaml',
  '/api/v1/namespaces/bucketwarden-system/serviceaccounts': 'service-account.yaml',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles': 'clusterrole.yaml',
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings': 'clusterrolebinding.yaml',
  '/apis/rbac.authorization.k8s.io/v1/namespaces/bucketwarden-system/roles': 'role.yaml',
  '/apis/rbac.authorization.k8s.io/v1/namespaces/bucketwarden-system/rolebindings':
    'rolebinding.yaml',
} as const;

/** A kubeconfig of the account that `manifests/base` runs the server as, with its rights and no more. */
export async function serviceAccountKubeconfig(
  admin: Administrator,
  kubeconfig: string,
): Promise<string> {
  for (const [path, file] of Object.entries(files)) {
    const url = new URL(`../../manifests/base/${file}`, import.meta.url);
    await admin.create(path, parse(readFileSync(url, 'utf8'))).catch((error: unknown) => {
      if (!isConflict(error)) throw error;
    });
  }
  const account = '/api/v1/namespaces/bucketwarden-system/serviceaccounts/bucketwarden';
  const token = await admin.create(`${account}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600 },
  });
  const config = recordOf(parse(readFileSync(kubeconfig, 'utf8')));
  const file = join(temporaryDirectory(), 'kubeconfig');
  writeFileSync(file, stringify(asAccount(config, textOf(valueAt(token, ['status', 'token'])))), {
    mode: 0o600,
  });
  return file;
}

function asAccount(config: JsonRecord, token: string | undefined): JsonRecord {
  const cluster = recordOf(listOf(config['clusters'])[0]);
  const context = { cluster: cluster['name'], user: 'account', namespace: 'bucketwarden-system' };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [cluster],
    users: [{ name: 'account', user: { token } }],
    contexts: [{ name: 'account', context }],
    'current-context': 'account',
  };
}
