import { findChangedIdentity } from '../../identity/changed-identity.ts';
import { findMissingIdentity } from '../../identity/missing-identity.ts';
import { isContradiction, type IdentityProblem } from '../../identity/identity-problem.ts';
import type { PodIdentity } from '../../identity/pod-identity.ts';
import type { StorageIdentity } from '../../identity/storage-identity.ts';
import { findWrongGrantedList, findWrongIdentity } from '../../identity/wrong-identity.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import { containersOf } from '../../objects/workload/containers.ts';
import { meshContainerTest } from '../../objects/workload/mesh-containers.ts';
import type { Workload } from '../../objects/workload/pod-template.ts';
import type { World } from '../../tenant/world.ts';
import type { RuleOf, Violation } from '../rule.ts';
import { workloadSubject, type WorkloadView } from './subject.ts';

export const storageIdentity: RuleOf<WorkloadView> = {
  id: 'storage-identity',
  title: "Pods of a tenant carry their own account's storage identity, whole and unchanged",
  why:
    'The store believes what a pod presents. A missing identity ends in 403s at run time or in the ' +
    "node's own credentials; a forged one belongs to someone else.",
  fix: 'Leave everything named bucketwarden.io/… and the injected variables to Bucketwarden',
  subject: workloadSubject,
  scope: 'tenant',
  harmsOthers: false,
  defaultActions: ['Deny'],
  examples: {
    allowed: [
      {
        name: 'a pod as its author writes it: the identity is injected before it is judged',
        yaml: `
apiVersion: v1
kind: Pod
metadata: {name: report, namespace: payments}
spec:
  serviceAccountName: ledger-writer
  containers: [{name: report, image: report:1}]
`,
      },
    ],
    denied: [
      {
        name: 'values of another identity, written by hand',
        yaml: `
apiVersion: v1
kind: Pod
metadata:
  name: report
  namespace: payments
  annotations: {bucketwarden.io/tenant: analytics}
spec:
  serviceAccountName: ledger-writer
  containers:
    - name: report
      image: report:1
      env:
        - {name: AWS_ROLE_ARN, value: "arn:minio:iam:::role/other"}
        - {name: AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, value: "true"}
`,
        paths: [
          'metadata.annotations["bucketwarden.io/tenant"]',
          'spec.containers[0].env[0]',
          'spec.containers[0].env[1].value',
        ],
      },
      {
        name: 'an injected annotation changed afterwards',
        before: `
apiVersion: v1
kind: Pod
metadata: {name: report, namespace: payments, annotations: {bucketwarden.io/tenant: payments}}
spec: {containers: [{name: report, image: report:1}]}
`,
        yaml: `
apiVersion: v1
kind: Pod
metadata: {name: report, namespace: payments, annotations: {bucketwarden.io/tenant: analytics}}
spec: {containers: [{name: report, image: report:1}]}
`,
        paths: ['metadata.annotations["bucketwarden.io/tenant"]'],
      },
    ],
  },
  validate({ workload, identity, operation, oldObject }, world) {
    const { tenant } = world;
    if (tenant === undefined || identity === undefined) return [];
    if (workload.isPod && operation === 'UPDATE') {
      if (oldObject === undefined) return [];
      return findChangedIdentity(workload, oldObject, identity).map(toViolation);
    }
    // A pod may match the current declaration or, for a while, the one before it; never a mixture.
    const judgements = identity.accepted.map((wanted) =>
      judge({ workload, tenant, identity, wanted }, world),
    );
    return judgements.find(mayPass) ?? judgements[0] ?? [];
  },
};

function toViolation({ value, ...problem }: IdentityProblem): Violation {
  return { ...problem, key: value };
}

function judge(
  given: {
    readonly workload: Workload;
    readonly tenant: Tenant;
    readonly identity: PodIdentity;
    readonly wanted: StorageIdentity;
  },
  { tenants, settings }: World,
): readonly Violation[] {
  const { workload, tenant, identity, wanted } = given;
  const wrong = [
    ...findWrongIdentity(workload, wanted, identity),
    ...findWrongGrantedList(workload, tenant, tenants),
  ];
  if (!identity.mustCarry || wrong.some(isContradiction)) return wrong.map(toViolation);
  const isMesh = meshContainerTest(workload, settings.config.mesh.proxyImages);
  const containers = containersOf(workload, ['initContainers', 'containers']);
  const own = containers.filter((one) => !isMesh(one));
  return [...wrong, ...findMissingIdentity(workload, wanted, own)].map(toViolation);
}

function mayPass(violations: readonly Violation[]): boolean {
  return violations.every(({ limit }) => limit === 'Warn');
}
