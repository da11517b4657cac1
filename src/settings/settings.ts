import type { BucketwardenConfig } from '../declaration/bucketwarden-config.ts';
import type { Action } from '../declaration/schema.ts';
import { parseCidr } from '../host/address.ts';
import { CidrSet } from '../host/cidr-set.ts';
import { HostMap } from '../host/host-map.ts';
import { parseHost } from '../host/host.ts';
import { compileDetection, type Detection } from './detection.ts';
import { classifyNamespaces, type NamespaceClass } from './namespace-class.ts';
import { compileStorageNames, type StorageNames } from './storage-names.ts';
import { compileWorthReading } from './worth-reading.ts';

/** A BucketwardenConfig made ready for rules: sets and maps instead of lists. Never changed. */
export interface Settings {
  readonly config: BucketwardenConfig;
  readonly storage: StorageNames;
  readonly namespaces: ReadonlyMap<string, NamespaceClass>;
  readonly protectedHosts: HostMap<string>;
  /** The configured ranges and the store's own addresses. */
  readonly protectedCidrs: CidrSet;
  readonly detection: Detection;
  /** False for texts that neither name a bucket of the store nor hold a key. */
  readonly isWorthReading: (text: string) => boolean;
  readonly ruleActions: ReadonlyMap<string, readonly Action[]>;
}

/** Compiles a config whose schema has been checked. */
export function compileSettings(config: BucketwardenConfig): Settings {
  const protectedHosts = new HostMap<string>();
  for (const text of config.protected.hosts) {
    const host = parseHost(text);
    if (host.kind === 'name' || host.kind === 'wildcard') protectedHosts.add(host, text);
  }
  const storage = compileStorageNames(config.storage.endpoints, {
    clusterDomain: config.mesh.clusterDomain,
    storageNamespace: config.storage.namespace,
  });
  const detection = compileDetection(config);
  const protectedRanges = [...config.protected.cidrs, ...storage.addresses];
  return {
    config,
    storage,
    namespaces: classifyNamespaces(config),
    protectedHosts,
    protectedCidrs: new CidrSet(protectedRanges.flatMap((text) => parseCidr(text) ?? [])),
    detection,
    isWorthReading: compileWorthReading(detection, storage),
    ruleActions: new Map(Object.entries(config.rules)),
  };
}

/** The class of a namespace; "" (cluster-scoped objects) is of class workload. */
export function classOf(settings: Settings, namespace: string): NamespaceClass {
  return settings.namespaces.get(namespace) ?? 'workload';
}
