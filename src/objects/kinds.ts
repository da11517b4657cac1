import type { FieldPath } from '../admission/field-path.ts';
import type { GroupVersionKind } from '../admission/review.ts';
import { apiGroup, apiVersion } from '../names.ts';

/** A kind of object that Bucketwarden reads, in every served version alike. */
export interface KnownKind {
  readonly group: string;
  /** The plural name in URLs and webhook registrations. */
  readonly resource: string;
  readonly kind: string;
  readonly scope: 'Cluster' | 'Namespaced';
  /** Where the object keeps its pod spec; undefined for kinds without one. */
  readonly podSpec?: FieldPath;
}

const template: FieldPath = ['spec', 'template', 'spec'];

/** The one table of kinds: rules, mutations, registration, RBAC and `check` all go by it. */
const kinds: readonly KnownKind[] = [
  { group: '', resource: 'namespaces', kind: 'Namespace', scope: 'Cluster' },
  namespaced('', 'pods', 'Pod', ['spec']),
  namespaced('', 'podtemplates', 'PodTemplate', ['template', 'spec']),
  namespaced('', 'replicationcontrollers', 'ReplicationController', template),
  namespaced('apps', 'deployments', 'Deployment', template),
  namespaced('apps', 'statefulsets', 'StatefulSet', template),
  namespaced('apps', 'daemonsets', 'DaemonSet', template),
  namespaced('apps', 'replicasets', 'ReplicaSet', template),
  namespaced('batch', 'jobs', 'Job', template),
  namespaced('batch', 'cronjobs', 'CronJob', ['spec', 'jobTemplate', ...template]),
  namespaced('networking.istio.io', 'serviceentries', 'ServiceEntry'),
  namespaced('networking.istio.io', 'virtualservices', 'VirtualService'),
  namespaced('networking.istio.io', 'destinationrules', 'DestinationRule'),
  {
    group: apiGroup,
    resource: 'storagetenants',
    kind: 'StorageTenant',
    scope: 'Cluster',
  },
];

const byKind = new Map(kinds.map((known) => [`${known.group}/${known.kind}`, known]));
const byResource = new Map(kinds.map((known) => [`${known.group}/${known.resource}`, known]));

/**
 * What to write instead of a built-in kind under a group that does not have it, such as a Deployment of
 * extensions/v1beta1; undefined for everything else. Groups without a dot belong to Kubernetes: a custom
 * kind, such as the Job of another scheduler, is never in one.
 */
export function misplacedKind({ group, kind }: GroupKind): string | undefined {
  if (group.includes('.') || byKind.has(`${group}/${kind}`)) return undefined;
  const known = kinds.find((one) => one.kind === kind);
  if (known === undefined) return undefined;
  const version = known.group === apiGroup ? apiVersion : `${known.group}/v1`;
  const plural = kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`;
  return `${plural} are checked as ${version.replace(/^\//, '')}`;
}

/** True for a kind whose name alone does not say which one is meant. */
export function hasNamesake(kind: string): boolean {
  return kinds.some((known) => known.kind === kind);
}

type GroupKind = Pick<GroupVersionKind, 'group' | 'kind'>;

/** The plural name of a kind; undefined for kinds that no rule judges. */
export function resourceOf({ group, kind }: GroupKind): string | undefined {
  return byKind.get(`${group}/${kind}`)?.resource;
}

/** The kind behind a resource, subresources excluded; undefined for unknown ones. */
export function kindOf(group: string, resource: string): string | undefined {
  return byResource.get(`${group}/${resource}`)?.kind;
}

/** True for kinds without a namespace. */
export function isClusterScoped({ group, kind }: GroupKind): boolean {
  return byKind.get(`${group}/${kind}`)?.scope === 'Cluster';
}

/** Where a built-in kind keeps its pod spec; undefined for kinds without one. */
export function podSpecPathOf({ group, kind }: GroupKind): FieldPath | undefined {
  return byKind.get(`${group}/${kind}`)?.podSpec;
}

// eslint-disable-next-line max-params -- one row of the table
function namespaced(group: string, resource: string, kind: string, podSpec?: FieldPath): KnownKind {
  return { group, resource, kind, scope: 'Namespaced', ...(podSpec && { podSpec }) };
}
