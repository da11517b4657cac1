import { isRecord, listOf, recordOf, textOf } from '../../admission/json.ts';
import { containersOf, type Container } from '../../objects/workload/containers.ts';
import type { KeyReference } from '../../objects/workload/findings.ts';
import { describeVariable } from '../../objects/workload/credential-variables.ts';
import type { RuleOf, Violation } from '../rule.ts';
import { workloadSubject, type WorkloadView } from './subject.ts';

export const staticCredentials: RuleOf<WorkloadView> = {
  id: 'static-credentials',
  title: 'Workloads of a tenant carry no static store credentials',
  why:
    'SDKs prefer static keys to web identity, so the injected identity has no effect beside them; they ' +
    'do not expire, and anyone who can read the manifest has them.',
  fix: 'Remove it; the injected identity gives the pod short-lived credentials of its own',
  subject: workloadSubject,
  scope: 'tenant',
  harmsOthers: false,
  defaultActions: ['Deny'],
  examples: {
    allowed: [
      {
        name: 'no credentials of a store',
        yaml: `
apiVersion: v1
kind: Pod
metadata: {name: report, namespace: payments}
spec:
  containers: [{name: report, image: report:1, env: [{name: DB_PASSWORD, value: x}]}]
`,
      },
    ],
    denied: [
      {
        name: 'keys as literals, from a Secret, in a URL, and a profile',
        yaml: `
apiVersion: v1
kind: Pod
metadata: {name: legacy, namespace: payments}
spec:
  containers:
    - name: legacy
      image: legacy:1
      env:
        - {name: AWS_ACCESS_KEY_ID, value: AKIA0}
        - {name: AWS_SECRET_ACCESS_KEY, valueFrom: {secretKeyRef: {name: s3, key: secret}}}
        - {name: AWS_PROFILE, value: old}
      args: ["-s3.url=s3://user:secret@minio.storage.svc:9000/payments-tmp-a"]
`,
        paths: [
          'spec.containers[0].args[0]',
          'spec.containers[0].env[0].name',
          'spec.containers[0].env[1].name',
          'spec.containers[0].env[2].name',
        ],
      },
    ],
  },
  validate({ workload, references }) {
    const inContainers = containersOf(workload).flatMap((container) => [
      ...variableViolations(container),
      ...secretViolations(container),
    ]);
    return [...references.keys.map(keyViolation), ...inContainers];
  },
};

function variableViolations({ value, path }: Container): Violation[] {
  return listOf(value['env']).flatMap((entry, index) => {
    const { name: written, value: literal = '', valueFrom } = recordOf(entry);
    const name = textOf(written) ?? '';
    const isLiteral = (valueFrom ?? undefined) === undefined;
    const what = describeVariable(name, isLiteral ? textOf(literal) : undefined);
    if (what === undefined) return [];
    return [{ path: [...path, 'env', index, 'name'], reason: `"${name}" ${what}` }];
  });
}

/** The keys of a Secret taken as a whole are invisible here, and Secrets are never read. */
function secretViolations({ value, path }: Container): Violation[] {
  return listOf(value['envFrom']).flatMap((entry, index) => {
    const secret = isRecord(entry) ? entry['secretRef'] : undefined;
    if (!isRecord(secret)) return [];
    const name = textOf(secret['name']) ?? '';
    return [
      {
        path: [...path, 'envFrom', index, 'secretRef'],
        reason: `Secret "${name}" may hold static credentials, which cannot be seen here`,
        fix: 'Name the variables you need one by one under env',
        limit: 'Warn',
      },
    ];
  });
}

/** The value goes into no message and no log: it is the secret itself. */
function keyViolation(key: KeyReference): Violation {
  const { path } = key;
  switch (key.kind) {
    case 'url':
      return { path, reason: 'has credentials in a URL' };
    case 'mc':
      return { path, reason: 'gives static credentials to mc' };
    case 'assignment': {
      const { name, isLiteral } = key;
      const reason = `"${name}" ${describeVariable(name) ?? 'is a static credential'}`;
      if (isLiteral) return { path, reason };
      // A script may fetch credentials that expire, from the store's STS for instance.
      return {
        path,
        reason: `${reason}, or one that the script fetches`,
        limit: 'Warn',
      };
    }
    default:
      return key satisfies never;
  }
}
