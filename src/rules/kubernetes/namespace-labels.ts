import { textOf, type JsonRecord } from '../../admission/json.ts';
import { isMeshLabel } from '../../objects/istio/mesh-label.ts';
import { classOf } from '../../settings/settings.ts';
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
    if (!isListed) return [];
    return labelsBefore === undefined ? [creation(name)] : labelChanges(labelsBefore, labels);
  },
};

/** Says nothing of the tenant: the caller may be anybody. */
function creation(name: string): Violation {
  return {
    path: ['metadata', 'name'],
    reason: `namespace "${name}" is reserved by a StorageTenant`,
  };
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
