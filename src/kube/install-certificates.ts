import { listOf, recordOf, textOf, type JsonRecord } from '../admission/json.ts';
import type { DirectoryTexts } from '../certs/check-directory.ts';
import { installation } from '../names.ts';
import type { Cluster } from './cluster.ts';
import { ClusterError, isNotFound } from './cluster-error.ts';
import { listObjects, nameOf } from './list-objects.ts';

/** What was written, as people name it: "Secret bucketwarden-system/bucketwarden-tls". */
export type InstalledObject = string;

const configurationsPath = '/apis/admissionregistration.k8s.io/v1';
const configurationKinds = [
  { kind: 'MutatingWebhookConfiguration', resource: 'mutatingwebhookconfigurations' },
  { kind: 'ValidatingWebhookConfiguration', resource: 'validatingwebhookconfigurations' },
] as const;

/**
 * Writes certificate, key and signing keys to their Secrets, and the authority to every webhook
 * configuration of Bucketwarden. The authority goes first, so that the API server trusts a new
 * certificate before a replica presents it.
 * @throws ClusterError when there is no webhook configuration, or when something could not be written;
 * what was written before that stays
 */
export async function installCertificates(
  cluster: Cluster,
  texts: DirectoryTexts,
  namespace: string = installation.namespace,
): Promise<readonly InstalledObject[]> {
  const configurations = await installCaBundle(cluster, texts.caBundle);
  if (configurations.length === 0) {
    throw new ClusterError(
      `the cluster has no webhook configuration labelled ${ownLabels()}; apply the manifests first, ` +
        'then run this again',
    );
  }
  await writeSecret(cluster, {
    namespace,
    name: installation.tlsSecret,
    type: 'kubernetes.io/tls',
    data: {
      'ca.crt': texts.caBundle,
      'tls.crt': texts.certificate,
      'tls.key': texts.privateKey,
    },
  });
  await writeSecret(cluster, {
    namespace,
    name: installation.signingKeysSecret,
    type: 'Opaque',
    data: { [installation.signingKeysFile]: texts.signingKeys },
  });
  return [
    ...configurations,
    `Secret ${namespace}/${installation.tlsSecret}`,
    `Secret ${namespace}/${installation.signingKeysSecret}`,
  ];
}

/** In every entry of every configuration that carries our label; everything else stays as it is. */
async function installCaBundle(cluster: Cluster, caBundle: string): Promise<InstalledObject[]> {
  const labelSelector = ownLabels();
  const installed: InstalledObject[] = [];
  for (const { kind, resource } of configurationKinds) {
    const path = `${configurationsPath}/${resource}`;
    const found: JsonRecord[] = [];
    await listObjects(cluster, { path, labelSelector }, { take: (object) => found.push(object) });
    for (const object of found) {
      const webhooks = listOf(object['webhooks']).map((entry) => ({
        name: textOf(recordOf(entry)['name']) ?? '',
        clientConfig: { caBundle: base64(caBundle) },
      }));
      await cluster.ask({
        method: 'PATCH',
        path: `${path}/${nameOf(object)}`,
        // Merges lists of webhooks by name, so that a change by someone else is not undone.
        contentType: 'application/strategic-merge-patch+json',
        body: { webhooks },
      });
      installed.push(`${kind} ${nameOf(object)}`);
    }
  }
  return installed;
}

async function writeSecret(
  cluster: Cluster,
  {
    namespace,
    name,
    type,
    data,
  }: {
    readonly namespace: string;
    readonly name: string;
    readonly type: string;
    readonly data: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const encoded = Object.fromEntries(
    Object.entries(data).map(([key, text]) => [key, base64(text)] as const),
  );
  try {
    await cluster.ask({
      method: 'PATCH',
      path: `${path}/${name}`,
      contentType: 'application/merge-patch+json',
      body: { data: encoded },
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await cluster.ask({
      method: 'POST',
      path,
      body: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace, labels: installation.labels },
        type,
        data: encoded,
      },
    });
  }
}

function ownLabels(): string {
  return Object.entries(installation.labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
