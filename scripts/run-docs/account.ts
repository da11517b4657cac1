import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { textOf, valueAt } from '../../src/admission/json.ts';
import type { Cluster } from '../../src/kube/cluster.ts';
import type { ControlPlane } from '../../test/control-plane/control-plane.ts';

const accountPath = '/api/v1/namespaces/bucketwarden-system/serviceaccounts/bucketwarden';

/** A kubeconfig with the rights of the account that the Deployment runs as, and no more. */
export async function writeAccountKubeconfig(
  { server, caPem }: ControlPlane,
  { cluster, directory }: { readonly cluster: Cluster; readonly directory: string },
): Promise<string> {
  const answer = await cluster.ask({
    method: 'POST',
    path: `${accountPath}/token`,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600 },
    },
  });
  const token = textOf(valueAt(answer, ['status', 'token'])) ?? '';
  const file = join(directory, 'kubeconfig');
  const context = { cluster: 'docs', user: 'account', namespace: 'bucketwarden-system' };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'docs',
        cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') },
      },
    ],
    users: [{ name: 'account', user: { token } }],
    contexts: [{ name: 'account', context }],
    'current-context': 'account',
  };
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}
