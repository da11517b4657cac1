import { parseAddress } from '../host/address.ts';
import { parseClusterName, serviceAliases } from '../host/cluster-name.ts';
import { parseHost } from '../host/host.ts';

/** All the names and addresses under which pods reach the object store. */
export interface StorageNames {
  /** Every DNS name in every search-path form, in normal form. */
  readonly names: ReadonlySet<string>;
  /** Bare names of the store's Services: "minio" is the store inside its own namespace. */
  readonly shortNames: ReadonlySet<string>;
  readonly addresses: ReadonlySet<string>;
  /** Ports of the endpoints; a URL with another explicit port is another service. */
  readonly ports: ReadonlySet<string>;
}

/** Expands the configured endpoint URLs. */
export function compileStorageNames(
  endpoints: readonly string[],
  { clusterDomain, storageNamespace }: { clusterDomain: string; storageNamespace: string },
): StorageNames {
  const names = new Set<string>();
  const shortNames = new Set<string>();
  const addresses = new Set<string>();
  const ports = new Set<string>();
  for (const endpoint of endpoints) {
    const url = new URL(endpoint);
    ports.add(portOf(url));
    const host = parseHost(url.hostname);
    if (host.kind === 'address') addresses.add(host.address);
    if (host.kind !== 'name') continue;
    names.add(host.name);
    const service = serviceOf(host.name, { clusterDomain, storageNamespace });
    if (service === undefined) continue;
    shortNames.add(service.service);
    for (const alias of serviceAliases(service, clusterDomain)) names.add(alias);
  }
  return { names, shortNames, addresses, ports };
}

/** True when a host, written in any form, is the store. */
export function isStorageHost(storage: StorageNames, text: string): boolean {
  const host = parseHost(text);
  if (host.kind === 'address') return storage.addresses.has(host.address);
  return host.kind === 'name' && storage.names.has(host.name);
}

/** RFC 1035 §2.3.4, and a trailing dot. */
const maxHostLength = 254;

/** The bucket of a virtual-hosted name ("bucket.s3.example.com"); undefined when it is none. */
export function virtualHostedBucket(storage: StorageNames, text: string): string | undefined {
  if (text.length > maxHostLength) return undefined;
  const lower = text.toLowerCase().replace(/\.$/, '');
  for (let dot = lower.indexOf('.'); dot !== -1; dot = lower.indexOf('.', dot + 1)) {
    const parent = lower.slice(dot + 1);
    if (storage.names.has(parent)) return dot === 0 ? undefined : lower.slice(0, dot);
  }
  return undefined;
}

/** The explicit port, else the scheme's. */
function portOf({ port, protocol }: { port: string; protocol: string }): string {
  return port !== '' ? port : protocol.startsWith('https') ? '443' : '80';
}

function serviceOf(
  name: string,
  { clusterDomain, storageNamespace }: { clusterDomain: string; storageNamespace: string },
): { service: string; namespace: string } | undefined {
  if (parseAddress(name) !== undefined) return undefined;
  const parsed = parseClusterName(name, clusterDomain);
  if (parsed !== undefined) return parsed.service === '' ? undefined : parsed;
  const [service = '', namespace, ...more] = name.split('.');
  return namespace === storageNamespace && more.length === 0 ? { service, namespace } : undefined;
}
