import { recordOf, textOf, type JsonRecord } from '../../admission/json.ts';
import { isMeshLabel, meshLabelPattern } from '../../objects/istio/mesh-label.ts';
import { apiGroup } from '../../names.ts';
import { classOf } from '../../settings/settings.ts';
import { changesLabels, type Selection } from '../../objects/match.ts';
import type { Rule, RuleInput, Violation } from '../rule.ts';

const only: Selection = {
  name: 'namespace-labels',
  conditions: [
    {
      name: 'caller-may-not-update-storagetenants',
      expression: `!authorizer.group('${apiGroup}').resource('storagetenants').check('update').allowed()`,
    },
    {
      // So that namespaces can be deleted, which their controller does by an UPDATE, while we are down.
      name: 'is-new-or-changes-mesh-labels',
      expression: `request.operation == 'CREATE' || ${changesLabels(`key.matches('${meshLabelPattern}')`)}`,
    },
  ],
};

export const namespaceLabels: Rule = {
  id: 'namespace-labels',
  title:
    'Namespaces of tenants are created, and taken into or out of the mesh, by those who declare tenants',
  why:
    'Whoever creates a listed namespace has what the tenant was granted; whoever changes its mesh labels ' +
    'takes its pods out of mutual TLS or sends their traffic through a waypoint of their own.',
  fix: 'Ask the platform team, who may update StorageTenants, to do it',
  scope: 'cluster',
  harmsOthers: true,
  defaultActions: ['Deny'],
  match: [
    { group: '', resources: ['namespaces'], operations: ['CREATE', 'UPDATE'], only },
    // Writes to these may change labels, too.
    {
      group: '',
      resources: ['namespaces/finalize', 'namespaces/status'],
      operations: ['UPDATE'],
      only,
    },
  ],
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
  validate(input) {
    const { object, oldObject, operation, name, settings, tenants } = input;
    const isListed = classOf(settings, name) === 'workload' && tenants.tenantOf(name) !== undefined;
    if (!isListed) return [];
    if (operation === 'CREATE') return [creation(input)];
    return oldObject === undefined ? [] : labelChanges(labelsOf(oldObject), labelsOf(object));
  },
};

/** Says nothing of the tenant: the caller may be anybody. */
function creation({ name }: RuleInput): Violation {
  const reason = `namespace "${name}" is kept for a StorageTenant`;
  return { path: ['metadata', 'name'], value: name, reason };
}

function labelChanges(before: JsonRecord, after: JsonRecord): Violation[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(isMeshLabel);
  return keys.flatMap((key) => {
    const [old, now] = [textOf(before[key]), textOf(after[key])];
    if (old === now) return [];
    const path = ['metadata', 'labels', key];
    return [{ path, value: now ?? '', reason: changeText(old, now) }];
  });
}

function changeText(old: string | undefined, now: string | undefined): string {
  if (old === undefined) return `the mesh's label is set to "${now ?? ''}"`;
  if (now === undefined) return `the mesh's label is removed (it was "${old}")`;
  return `the mesh's label is changed from "${old}" to "${now}"`;
}

function labelsOf(object: JsonRecord): JsonRecord {
  return recordOf(recordOf(object['metadata'])['labels']);
}
