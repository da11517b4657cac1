import { parseClusterName, shortFormOf } from '../host/cluster-name.ts';
import { translatedIPv4, type Cidr } from '../host/address.ts';
import type { Host } from '../host/host.ts';
import { covers } from '../host/wildcard.ts';
import { virtualHostedBucket, type StorageNames } from '../settings/storage-names.ts';
import type { Settings } from '../settings/settings.ts';
import { isKnownNamespace } from '../tenant/world.ts';
import { isQualifiedServiceOf, rangeOfHost, type Claimant } from './host-claim.ts';

type Comparable = Extract<Host, { kind: 'name' | 'wildcard' }>;

/**
 * Why a host is out of reach whatever was granted, in words that follow it: names and addresses of the
 * store, names of the cluster outside the own namespaces, cloud metadata, and wildcards that cover one
 * of these. Undefined when it is not.
 */
export function protectionOf(host: Host, claimant: Claimant): string | undefined {
  const { settings } = claimant.world;
  if (host.kind === 'invalid') return undefined;
  if (host.kind === 'address') {
    const range = rangeOfHost(host);
    return range && protectedRangeReason(range, settings);
  }
  const name = host.kind === 'wildcard' ? host.suffix.replace(/^\./, '') : host.name;
  return (
    storageReason(host, name, settings) ??
    clusterReason(host, name, claimant) ??
    shortFormReason(host, name, claimant)
  );
}

/** Why an address or range is out of reach whatever was granted; undefined when it is not. */
export function protectedRangeReason(range: Cidr, settings: Settings): string | undefined {
  const translated = translatedIPv4(range);
  const isProtected =
    settings.protectedCidrs.overlapping(range) !== undefined ||
    (translated && settings.protectedCidrs.overlapping(translated)) !== undefined;
  return isProtected ? 'overlaps a protected range' : undefined;
}

function storageReason(host: Comparable, name: string, settings: Settings): string | undefined {
  if (isStorageName(name, settings.storage)) return 'is a name of the object store';
  const covered = host.kind === 'wildcard' ? coveredStorageName(host, settings) : undefined;
  if (covered !== undefined) return `covers the object store, "${covered}"`;
  const isProtected = settings.protectedHosts.overlapping(host).length > 0;
  if (!isProtected) return undefined;
  return host.kind === 'wildcard' ? 'covers a protected name' : 'is protected';
}

function clusterReason(host: Comparable, name: string, claimant: Claimant): string | undefined {
  const { world, own } = claimant;
  const cluster = parseClusterName(name, world.settings.config.mesh.clusterDomain);
  if (cluster === undefined) return undefined;
  const isOwn =
    host.kind === 'wildcard' ? own.has(cluster.namespace) : isQualifiedServiceOf(host, claimant);
  return isOwn ? undefined : 'is a name of the cluster outside this namespace';
}

/**
 * "minio-hl.storage" reaches a Service through the search path. A namespace that is known wins over the
 * top-level domain of that name; one that nobody knows of here leaves "example.io" what it is.
 */
function shortFormReason(
  host: Comparable,
  name: string,
  { world, own }: Claimant,
): string | undefined {
  // "*.storage" covers every Service of the namespace "storage".
  const asked = host.kind === 'wildcard' ? `x.${name}` : name;
  const service = shortFormOf(asked, (label) => own.has(label) || isKnownNamespace(world, label));
  if (service === undefined || own.has(service.namespace)) return undefined;
  return host.kind === 'wildcard'
    ? 'covers Services of another namespace'
    : 'is the short form of a Service in another namespace';
}

/** The store itself, or a virtual-hosted bucket of it. */
function isStorageName(name: string, storage: StorageNames): boolean {
  return (
    storage.names.has(name) ||
    storage.shortNames.has(name) ||
    virtualHostedBucket(storage, name) !== undefined
  );
}

/**
 * A name of the store that a wildcard reaches by Istio's plain suffix match, for the message. "*." takes
 * every name that a client writes with a dot at its end.
 */
function coveredStorageName(
  host: Extract<Host, { kind: 'wildcard' }>,
  { storage }: Settings,
): string | undefined {
  const reaches = (name: string): boolean =>
    host.suffix === '.' || covers(host, { kind: 'name', name });
  return [...storage.names].find(reaches);
}
