import type { FieldPath } from '../../admission/field-path.ts';
import { isRecord, listOf, recordOf, textOf } from '../../admission/json.ts';
import { findUris } from '../../bucket/bucket-uri.ts';
import type { Settings } from '../../settings/settings.ts';
import { isStorageHost, virtualHostedBucket } from '../../settings/storage-names.ts';
import { containersOf, type Container } from '../../objects/workload/containers.ts';
import { visitTexts } from '../../objects/workload/visit-texts.ts';
import type { RuleOf, Violation } from '../rule.ts';
import { workloadSubject, type WorkloadView } from './subject.ts';

/** Read by an SDK or client before web identity (docs of each SDK; AWS "credential provider chain"). */
const credentialVariables = new Set([
  'AWS_ACCESS_KEY_ID',
  'AWS_ACCESS_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SECRET_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'MINIO_ACCESS_KEY',
  'MINIO_SECRET_KEY',
  'MINIO_ROOT_USER',
  'MINIO_ROOT_PASSWORD',
  'S3_ACCESS_KEY',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_KEY',
  'S3_SECRET_ACCESS_KEY',
]);

const profileVariables = new Set([
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_CONFIG_FILE',
  'AWS_CREDENTIAL_FILE',
]);

export const staticCredentials: RuleOf<WorkloadView> = {
  id: 'static-credentials',
  title: 'Workloads of a tenant carry no static store credentials',
  why:
    'Static keys win over web identity in every SDK, so the injected identity does nothing beside ' +
    'them; they do not expire, and whoever reads the manifest has them.',
  fix: 'Remove it; the injected identity gives the pod short-lived credentials of its own',
  subject: workloadSubject,
  scope: 'tenant',
  harmsOthers: false,
  defaultActions: ['Deny'],
  examples: {
    allowed: [
      {
        name: 'no credentials at all',
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
  validate({ workload }, { settings }) {
    const inUrls: Violation[] = [];
    visitTexts(workload.spec, workload.specPath, {
      skip: new Set(),
      visit: (text, path) => inUrls.push(...keysInUrls(text, path, settings)),
    });
    const inContainers = containersOf(workload).flatMap((container) => [
      ...variableViolations(container),
      ...secretViolations(container),
    ]);
    return [...inUrls, ...inContainers];
  },
};

function variableViolations({ value, path }: Container): Violation[] {
  return listOf(value['env']).flatMap((entry, index) => {
    const name = textOf(recordOf(entry)['name']) ?? '';
    const what = describeVariable(name.toUpperCase());
    if (what === undefined) return [];
    return [{ path: [...path, 'env', index, 'name'], reason: `"${name}" ${what}` }];
  });
}

function describeVariable(name: string): string | undefined {
  if (credentialVariables.has(name)) return 'is a static credential';
  if (name.startsWith('MC_HOST_')) return 'holds static credentials for mc';
  if (profileVariables.has(name)) return 'makes SDKs read credentials from a file first';
  return undefined;
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

function keysInUrls(text: string, path: FieldPath, settings: Settings): Violation[] {
  const isBad = findUris(text).some(({ scheme, userInfo, host }) => {
    if (userInfo?.includes(':') !== true) return false;
    if (settings.detection.schemes.has(scheme)) return true;
    const { storage } = settings;
    return isStorageHost(storage, host) || virtualHostedBucket(storage, host) !== undefined;
  });
  // The value goes into no message and no log: it is the secret itself.
  return isBad ? [{ path, reason: 'has credentials in a URL' }] : [];
}
