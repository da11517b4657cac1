import { parseClusterName } from '../../host/cluster-name.ts';
import type { Host } from '../../host/host.ts';
import { covers, isTopLevelDomain } from '../../host/wildcard.ts';
import type { Settings } from '../../settings/settings.ts';
import { virtualHostedBucket, type StorageNames } from '../../settings/storage-names.ts';

type Comparable = Extract<Host, { kind: 'name' | 'wildcard' }>;

/** Which Services count as one's own, and which namespaces are known to be others'. */
export interface NamespaceView {
  readonly own: ReadonlySet<string>;
  /** Must tell a tenant nothing about the namespaces of another. */
  readonly isForeign: (namespace: string) => boolean;
}

/**
 * Why a host is out of reach whatever was granted: names of the store, of the cluster outside the own
 * namespaces, of cloud metadata. Undefined when it is not.
 */
export function protectedHostReason(
  host: Comparable,
  settings: Settings,
  namespaces: NamespaceView,
): string | undefined {
  const name = host.kind === 'wildcard' ? host.suffix.replace(/^\./, '') : host.name;
  if (isStorageName(name, settings.storage)) return 'is a name of the object store';
  if (settings.protectedHosts.overlapping(host).length > 0) return 'is protected';
  const cluster = parseClusterName(name, settings.config.mesh.clusterDomain);
  if (cluster === undefined) return shortFormReason(name, namespaces);
  const isOwn = cluster.namespace !== '' && namespaces.own.has(cluster.namespace);
  return isOwn ? undefined : 'is a name of the cluster outside this namespace';
}

/** "minio.storage" reaches a Service through the search path; "example.io" does not. */
function shortFormReason(name: string, { own, isForeign }: NamespaceView): string | undefined {
  const [, namespace, ...more] = name.split('.');
  if (namespace === undefined || more.length > 0 || own.has(namespace)) return undefined;
  const isService = isForeign(namespace) && !isTopLevelDomain(namespace);
  return isService ? 'is the short form of a Service elsewhere' : undefined;
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
