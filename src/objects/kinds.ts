import type { GroupVersionKind } from '../admission/review.ts';

/**
 * Kinds by the resource that carries them, for objects that come from files and so without a
 * resource. Covers every resource in a rule's or mutation's `match`; a test holds the two together.
 */
const kindsByResource: Readonly<Record<string, string>> = {
  '/namespaces': 'Namespace',
  '/pods': 'Pod',
  '/podtemplates': 'PodTemplate',
  '/replicationcontrollers': 'ReplicationController',
  'apps/deployments': 'Deployment',
  'apps/statefulsets': 'StatefulSet',
  'apps/daemonsets': 'DaemonSet',
  'apps/replicasets': 'ReplicaSet',
  'batch/jobs': 'Job',
  'batch/cronjobs': 'CronJob',
  'networking.istio.io/serviceentries': 'ServiceEntry',
  'networking.istio.io/virtualservices': 'VirtualService',
  'networking.istio.io/destinationrules': 'DestinationRule',
  'bucketwarden.io/storagetenants': 'StorageTenant',
};

const clusterScoped = new Set(['/Namespace', 'bucketwarden.io/StorageTenant']);

const resourcesByKind = new Map(
  Object.entries(kindsByResource).map(([address, kind]) => {
    const slash = address.indexOf('/');
    return [`${address.slice(0, slash)}/${kind}`, address.slice(slash + 1)];
  }),
);

/** Plural name of a kind; undefined for kinds that no rule judges. */
export function resourceOf({ group, kind }: GroupVersionKind): string | undefined {
  return resourcesByKind.get(`${group}/${kind}`);
}

/** Kind behind a resource of some rule's `match`. */
export function kindOf(group: string, resource: string): string | undefined {
  return kindsByResource[`${group}/${resource}`];
}

/** True for kinds without a namespace. */
export function isClusterScoped({
  group,
  kind,
}: Pick<GroupVersionKind, 'group' | 'kind'>): boolean {
  return clusterScoped.has(`${group}/${kind}`);
}
