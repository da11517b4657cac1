import type { BucketwardenConfig } from '../declaration/bucketwarden-config.ts';

/**
 * The kind of a namespace, whichever tenant it belongs to (docs/how-it-works.md):
 * - exempt: never judged;
 * - platform: store and mesh root, no injection, few rules;
 * - infrastructure: judged, never blocked while we are down;
 * - workload: everything else, tenants included.
 */
export type NamespaceClass = 'exempt' | 'platform' | 'infrastructure' | 'workload';

/** The classes by name; a name in several lists takes the first of exempt, platform, infrastructure. */
export function classifyNamespaces(
  config: BucketwardenConfig,
): ReadonlyMap<string, NamespaceClass> {
  return new Map<string, NamespaceClass>([
    ...config.infrastructureNamespaces.map((name) => [name, 'infrastructure'] as const),
    ...platformNamespaces(config).map((name) => [name, 'platform'] as const),
    ...config.exemptNamespaces.map((name) => [name, 'exempt'] as const),
  ]);
}

/** The store's namespace and the mesh's. */
function platformNamespaces(config: BucketwardenConfig): readonly string[] {
  return [config.storage.namespace, config.mesh.rootNamespace];
}
