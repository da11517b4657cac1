import { parseAddress } from '../host/address.ts';
import { parseClusterName, serviceAliases } from '../host/cluster-name.ts';
import { parseHost } from '../host/host.ts';

/** All the names and addresses under which pods reach the object store. */
export interface StorageNames {
  /** Every DNS name in every search-path form, in normal form. */
  readonly names: ReadonlySet<string>;
  /** The names, each with a dot in front, the longest first. */
  readonly suffixes: readonly string[];
  /** Those of `names` that are Services of the cluster. */
  readonly serviceNames: ReadonlySet<string>;
  /** Bare names of the store's Services: "minio" is the store inside its own namespace. */
  readonly shortNames: ReadonlySet<string>;
  readonly addresses: ReadonlySet<string>;
  /** Finds names with a dot, and addresses, inside a text, in any spelling; undefined without any. */
  readonly mention: RegExp | undefined;
  /** Ports of the endpoints; a URL with another explicit port is another service. */
  readonly ports: ReadonlySet<string>;
}

/** Expands the configured endpoint URLs. */
export function compileStorageNames(
  endpoints: readonly string[],
  { clusterDomain, storageNamespace }: { clusterDomain: string; storageNamespace: string },
): StorageNames {
  const names = new Set<string>();
  const serviceNames = new Set<string>();
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
    for (const alias of serviceAliases(service, clusterDomain)) {
      names.add(alias);
      serviceNames.add(alias);
    }
  }
  const mention = mentionOf([...names, ...addresses]);
  const suffixes = [...names].sort(longestFirst).map((name) => `.${name}`);
  return { names, suffixes, serviceNames, shortNames, addresses, ports, mention };
}

/** What a host means to the store: itself, or a bucket in front of its name. */
export type StoreHost =
  { readonly kind: 'store' } | { readonly kind: 'bucket'; readonly bucket: string };

/** Reads a host as URL parsers do, percent-encoding included; undefined when it is not the store. */
export function readStoreHost(storage: StorageNames, text: string): StoreHost | undefined {
  const name = isUnusualHost(text) ? decodedName(text) : withoutTrailingDot(text.toLowerCase());
  if (name === undefined || name.length > maxNameLength) return undefined;
  if (storage.names.has(name)) return { kind: 'store' };
  if (/^[\d[:a-f]/.test(name)) {
    const address = storage.addresses.size === 0 ? undefined : parseAddress(name);
    if (address !== undefined && storage.addresses.has(address)) return { kind: 'store' };
  }
  const bucket = virtualHostedBucket(storage, name);
  return bucket === undefined ? undefined : { kind: 'bucket', bucket };
}

/** True for hosts that take IDNA or decoding to be read. */
export function isUnusualHost(text: string): boolean {
  return !/^[\x21-\x24\x26-\x7e]*$/.test(text);
}

/** RFC 1035 §2.3.4. */
const maxNameLength = 253;

/** The bucket of a virtual-hosted name ("bucket.s3.example.com"); undefined when it is none. */
export function virtualHostedBucket(storage: StorageNames, text: string): string | undefined {
  if (text.length > maxNameLength + 1) return undefined;
  const lower = withoutTrailingDot(text.toLowerCase());
  const suffix = storage.suffixes.find((candidate) => lower.endsWith(candidate));
  return suffix === undefined || suffix.length === lower.length
    ? undefined
    : lower.slice(0, -suffix.length);
}

/**
 * True for "minio-0.minio.storage.svc": below a Service, cluster DNS knows pods alone, and a StatefulSet
 * numbers its own. Such a name may be a bucket only where the resolver was told otherwise.
 */
export function isPodOfStore(storage: StorageNames, { bucket, host }: VirtualHost): boolean {
  if (!/^[a-z0-9-]{1,63}-\d{1,5}$/.test(bucket)) return false;
  const parent = withoutTrailingDot(host.toLowerCase()).slice(bucket.length + 1);
  return storage.serviceNames.has(parent);
}

interface VirtualHost {
  readonly bucket: string;
  readonly host: string;
}

function decodedName(text: string): string | undefined {
  const host = parseHost(decodePercent(text));
  if (host.kind === 'address') return host.address;
  return host.kind === 'name' ? host.name : undefined;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function withoutTrailingDot(text: string): string {
  return text.endsWith('.') ? text.slice(0, -1) : text;
}

/** The explicit port, else the scheme's. */
function portOf({ port, protocol }: { port: string; protocol: string }): string {
  return port !== '' ? port : protocol.startsWith('https') ? '443' : '80';
}

function mentionOf(hosts: readonly string[]): RegExp | undefined {
  const sources = hosts
    .filter((host) => /[.:]/.test(host))
    .sort(longestFirst)
    .map((host) => (host.includes(':') ? `[${host}]` : host).replace(/[^]/g, spellingsOf));
  return sources.length === 0 ? undefined : new RegExp(sources.join('|'), 'gi');
}

function longestFirst(one: string, other: string): number {
  return other.length - one.length;
}

/** A character of a host as itself, percent-encoded and full-width, as URL parsers accept it. */
function spellingsOf(character: string): string {
  const code = character.charCodeAt(0);
  const plain = /\w/.test(character) ? character : `\\${character}`;
  const wide = character === '.' ? '[\uff0e\u3002\uff61]' : String.fromCharCode(code + 0xfee0);
  return `(?:${plain}|%${code.toString(16)}|${wide})`;
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
