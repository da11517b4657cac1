import { recordOf, textOf, type JsonRecord } from '../admission/json.ts';
import type { InstalledFiles } from '../certs/continue-installed.ts';
import { installation } from '../names.ts';
import type { Cluster } from './cluster.ts';
import { isNotFound } from './cluster-error.ts';

/**
 * The certificates and keys that an installation runs on, from its Secrets; undefined where there is
 * none. The key of the authority never reaches a cluster.
 * @throws ClusterError when the Secrets cannot be read
 */
export async function readInstalled(cluster: Cluster, namespace: string): Promise<InstalledFiles> {
  const tls = await readSecret(cluster, { namespace, name: installation.tlsSecret });
  const keys = await readSecret(cluster, { namespace, name: installation.signingKeysSecret });
  return {
    'ca.crt': textIn(tls, 'ca.crt'),
    'tls.key': textIn(tls, 'tls.key'),
    'tls.crt': textIn(tls, 'tls.crt'),
    'signing-keys.json': textIn(keys, installation.signingKeysFile),
  };
}

async function readSecret(
  cluster: Cluster,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<JsonRecord> {
  try {
    const secret = await cluster.ask({ path: `/api/v1/namespaces/${namespace}/secrets/${name}` });
    return recordOf(secret['data']);
  } catch (error) {
    if (isNotFound(error)) return {};
    throw error;
  }
}

function textIn(data: JsonRecord, key: string): string | undefined {
  const text = textOf(data[key]);
  return text === undefined ? undefined : Buffer.from(text, 'base64').toString();
}
