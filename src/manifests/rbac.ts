import { installation } from '../names.ts';
import { matchesOf, type Matching } from './webhook-rules.ts';

/** A ClusterRole, as far as ours need it. */
export interface ClusterRole {
  readonly apiVersion: 'rbac.authorization.k8s.io/v1';
  readonly kind: 'ClusterRole';
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly rules: readonly {
    readonly apiGroups: readonly [string];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

/**
 * What an account needs to read in order to judge what is already in a cluster. Made from what the
 * rules match, so that a new rule's kinds are in it; the server itself has no use for it.
 */
export function buildAuditorRole(rules: readonly Matching[]): ClusterRole {
  const resourcesByGroup = new Map<string, Set<string>>();
  for (const { group, resources } of matchesOf(rules)) {
    const known = resourcesByGroup.get(group) ?? new Set();
    // Subresources show nothing that the object itself does not.
    for (const resource of resources) if (!resource.includes('/')) known.add(resource);
    resourcesByGroup.set(group, known);
  }
  const groups = [...resourcesByGroup].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: `${installation.name}-auditor`, labels: installation.labels },
    rules: groups.map(([group, resources]) => ({
      apiGroups: [group],
      resources: [...resources].sort(),
      verbs: ['get', 'list'],
    })),
  };
}
