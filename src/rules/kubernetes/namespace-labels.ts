import { textOf, type JsonRecord } from '../../admission/json.ts';
import { isMeshLabel } from '../../objects/istio/mesh-label.ts';
import { classOf, type Settings } from '../../settings/settings.ts';
import type { RuleOf, Violation } from '../rule.ts';
import { namespaceSubject, type NamespaceView } from './subject.ts';

export const namespaceLabels: RuleOf<NamespaceView> = {
  id: 'namespace-labels',
  title:
    'Namespaces of tenants are created, and taken into or out of the mesh, by those who declare tenants',
  why:
    'Whoever creates a listed namespace has what the tenant was granted; whoever changes its mesh labels ' +
    'takes its pods out of mutual TLS or sends their traffic through a waypoint of their own.',
  fix: 'Ask the platform team, who may update StorageTenants, to do it',
  subject: namespaceSubject,
  scope: 'cluster',
  harmsOthers: true,
  defaultActions: ['Deny'],
  examples: {
    allowed: [
      {
        name: 'a namespace that no tenant lists',
        yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: playground, labels: {istio-injection: enabled}}
`,
      },
      {
        name: 'other labels of a namespace that a tenant lists',
        before: `
apiVersion: v1
kind: Namespace
metadata: {name: payments, labels: {istio-injection: enabled}}
`,
        yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: payments, labels: {istio-injection: enabled, team: payments}}
`,
      },
    ],
    denied: [
      {
        name: 'creating a namespace that a tenant lists',
        yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: payments}
`,
        paths: ['metadata.name'],
      },
      {
        name: 'creating a namespace that would turn granted hosts (api.stripe.com) into its Services',
        yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: com}
`,
        paths: ['metadata.name'],
      },
      {
        name: 'taking a namespace out of the sidecar mesh and into the ambient one',
        before: `
apiVersion: v1
kind: Namespace
metadata: {name: payments, labels: {istio-injection: enabled}}
`,
        yaml: `
apiVersion: v1
kind: Namespace
metadata: {name: payments, labels: {istio.io/dataplane-mode: ambient}}
`,
        paths: ['metadata.labels.istio-injection', 'metadata.labels["istio.io/dataplane-mode"]'],
      },
    ],
  },
  validate({ name, labels, labelsBefore }, { settings, tenants }) {
    const isListed = classOf(settings, name) === 'workload' && tenants.tenantOf(name) !== undefined;
    if (labelsBefore !== undefined) return isListed ? labelChanges(labelsBefore, labels) : [];
    if (isListed) return [creation(`namespace "${name}" is reserved by a StorageTenant`)];
    const isEnding =
      tenants.hostsEndingIn(name).length > 0 || clusterLabels(settings).includes(name);
    if (!isEnding) return [];
    const reason = `hosts that end in ".${name}" would become names of Services in this namespace`;
    return [{ ...creation(reason), fix: endingFix }];
  },
};

const endingFix = 'Choose another name, or ask the platform team, who may update StorageTenants';

/** Says nothing of the tenant: the caller may be anybody. */
function creation(reason: string): Violation {
  return { path: ['metadata', 'name'], reason };
}

/** What names of the cluster itself end in. */
function clusterLabels({ config }: Settings): readonly string[] {
  return ['svc', ...config.mesh.clusterDomain.split('.')];
}

function labelChanges(before: JsonRecord, after: JsonRecord): Violation[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(isMeshLabel);
  return keys.flatMap((key) => {
    const [old, now] = [textOf(before[key]), textOf(after[key])];
    if (old === now) return [];
    const path = ['metadata', 'labels', key];
    return [{ path, reason: changeText(old, now) }];
  });
}

function changeText(old: string | undefined, now: string | undefined): string {
  if (old === undefined) return `the mesh's label is set to "${now ?? ''}"`;
  if (now === undefined) return `the mesh's label is removed (it was "${old}")`;
  return `the mesh's label is changed from "${old}" to "${now}"`;
}
