import { parseClusterName } from '../host/cluster-name.ts';
import type { Host } from '../host/host.ts';
import { covers } from '../host/wildcard.ts';
import type { Settings } from '../settings/settings.ts';
import { virtualHostedBucket, type StorageNames } from '../settings/storage-names.ts';

type Comparable = Extract<Host, { kind: 'name' | 'wildcard' }>;

/**
 * Why a host is out of reach whatever was granted: names of the store, of the cluster outside the own
 * namespaces, of cloud metadata. Undefined when it is not. Only what the cluster's config says is
 * used, never what other tenants declared, so the answer tells nothing about them.
 * @param ownNamespaces namespaces whose Services may be named
 */
export function protectedHostReason(
  host: Comparable,
  { settings, ownNamespaces }: { settings: Settings; ownNamespaces: ReadonlySet<string> },
): string | undefined {
  const { storage, config } = settings;
  const name = host.kind === 'wildcard' ? host.suffix.replace(/^\./, '') : host.name;
  if (isStorageName(name, storage)) return 'is a name of the object store';
  if (settings.protectedHosts.overlapping(host).length > 0) return 'is protected';
  const cluster = parseClusterName(name, config.mesh.clusterDomain);
  if (cluster !== undefined) {
    return ownNamespaces.has(cluster.namespace) && cluster.namespace !== ''
      ? undefined
      : 'is a name of the cluster outside this namespace';
  }
  const [, namespace, ...more] = name.split('.');
  if (namespace === undefined || more.length > 0 || ownNamespaces.has(namespace)) return undefined;
  return settings.namespaces.has(namespace)
    ? 'is the short form of a Service elsewhere'
    : undefined;
}

/** The store itself, or a virtual-hosted bucket of it. */
function isStorageName(name: string, storage: StorageNames): boolean {
  return (
    storage.names.has(name) ||
    storage.shortNames.has(name) ||
    virtualHostedBucket(storage, name) !== undefined
  );
}

/** Names of the store that a wildcard reaches by Istio's plain suffix match, for the message. */
export function coveredStorageName(
  host: Extract<Host, { kind: 'wildcard' }>,
  { storage }: Settings,
): string | undefined {
  return [...storage.names].find((name) => covers(host, { kind: 'name', name }));
}
