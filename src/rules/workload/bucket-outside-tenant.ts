import { formatPath } from '../../admission/field-path.ts';
import { limits } from '../../limits.ts';
import { annotations } from '../../names.ts';
import { askBucket, isExternalBucket } from '../../tenant/ask-bucket.ts';
import type { BucketAnswer } from '../../tenant/bucket-grant.ts';
import { denialReason, grantsFor, untenantedReason } from '../../tenant/denial.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import type { BucketReference, UnreadCause } from '../../objects/workload/findings.ts';
import { excerptAt } from '../../objects/workload/excerpt.ts';
import { serviceAccountOf } from '../../objects/workload/pod-template.ts';
import type { World } from '../../tenant/world.ts';
import type { RuleOf, Violation } from '../rule.ts';
import { workloadSubject, type WorkloadView } from './subject.ts';

/** Bucket names in workloads: an early answer. What keeps tenants apart is the store's own policy. */
export const bucketOutsideTenant: RuleOf<WorkloadView> = {
  id: 'bucket-outside-tenant',
  title: 'Workloads name only buckets that their tenant owns or was given',
  why:
    "A pod that requests somebody else's bucket either fails with 403 at run time or, where the store's " +
    "policy is too wide, reads and writes other people's data.",
  fix: 'Name a bucket that is granted, or have the platform team add this one to the StorageTenant',
  subject: workloadSubject,
  scope: 'cluster',
  harmsOthers: false,
  defaultActions: ['Deny'],
  examples: {
    allowed: [
      {
        name: 'an own bucket, and a shared one only read',
        yaml: `
apiVersion: v1
kind: Pod
metadata:
  name: report
  namespace: payments
  annotations: {bucketwarden.io/buckets: "payments-ledger:rw, analytics-reports"}
spec:
  serviceAccountName: ledger-writer
  containers:
    - {name: report, image: report:1, args: ["--bucket=payments-ledger", "s3://analytics-reports/2027/"]}
`,
      },
      {
        name: 'names that only look like buckets',
        yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: payments}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: api:1
          env:
            - {name: RATE_LIMIT_BUCKET, value: "10"}
            - {name: HISTOGRAM_BUCKETS, value: "0.1,0.5"}
            - {name: REPOSITORY, value: "https://bitbucket.org/acme/api"}
            - {name: EVENTS, value: "s3:ObjectCreated:*"}
`,
      },
    ],
    denied: [
      {
        name: 'a bucket that was not granted, in four spellings',
        yaml: `
apiVersion: v1
kind: Pod
metadata: {name: copy, namespace: payments}
spec:
  containers:
    - name: copy
      image: copy:1
      args: ["--bucket=analytics-raw", "s3a://analytics-raw/2027/x"]
      env:
        - {name: S3_BUCKET, value: analytics-raw}
        - {name: SOURCE, value: "https://minio.storage.svc:9000/analytics-raw/2027/x?X-Amz-Signature=0"}
`,
        paths: [
          'spec.containers[0].args[0]',
          'spec.containers[0].args[1]',
          'spec.containers[0].env[0].value',
          'spec.containers[0].env[1].value',
        ],
      },
      {
        name: 'a bucket shared for reading, requested for writing',
        yaml: `
apiVersion: batch/v1
kind: CronJob
metadata: {name: export, namespace: payments}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        metadata: {annotations: {bucketwarden.io/buckets: "analytics-reports:rw"}}
        spec:
          restartPolicy: Never
          containers: [{name: export, image: export:1}]
`,
        paths: [`spec.jobTemplate.spec.template.metadata.annotations["${annotations.buckets}"]`],
      },
      {
        name: 'a service account that the bucket is not granted to',
        yaml: `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: payments}
spec:
  serviceAccountName: web
  containers: [{name: web, image: web:1, env: [{name: BUCKET_NAME, value: payments-ledger}]}]
`,
        paths: ['spec.containers[0].env[0].value'],
      },
    ],
  },
  validate(view, world) {
    const { tenant } = world;
    if (tenant === undefined) return untenantedViolations(view, world);
    return [
      ...tenantViolations(view, { tenant, world }),
      ...unreadableViolations(view),
      ...unknownViolations(view, world),
      ...unreadRest(view),
    ];
  },
};

function tenantViolations(
  { references, workload }: WorkloadView,
  { tenant, world: { tenants } }: { readonly tenant: Tenant; readonly world: World },
): Violation[] {
  const serviceAccount = serviceAccountOf(workload);
  const allowed = grantsFor(tenant, serviceAccount);
  return references.known.flatMap((reference) => {
    const { bucket, access, key, isOpenKey, path } = reference;
    if (isExternalBucket(tenants, tenant, bucket)) return [];
    const answer = askBucket(tenants, tenant, { bucket, serviceAccount, access, key, isOpenKey });
    if (answer.kind === 'granted') return [];
    const reason = denialReason(answer, { reference, serviceAccount });
    const fix = fixes[answer.reason];
    return [{ path, key: keyOf(reference), reason, allowed, ...(fix && { fix }) }];
  });
}

type DeniedAnswer = Extract<BucketAnswer, { kind: 'denied' }>;

/** What helps where another bucket is not what is needed. */
const fixes: Readonly<Partial<Record<DeniedAnswer['reason'], string>>> = {
  account:
    'Set spec.serviceAccountName to an account that may use the bucket, or have the platform team add ' +
    'this one to its serviceAccounts',
  prefix: 'Use a key below a granted prefix, or have the platform team add this prefix',
  access: 'Request only the access that is granted, or have the platform team grant the rest',
};

function untenantedViolations(view: WorkloadView, { tenants, settings }: World): Violation[] {
  const { buckets } = settings.config.untenanted;
  if (buckets === 'None') return [];
  const outside = view.references.known
    .filter(({ bucket }) => buckets === 'All' || tenants.isManagedBucket(bucket))
    .map((reference) => ({
      path: reference.path,
      key: keyOf(reference),
      reason: untenantedReason(reference.bucket),
      fix: 'Run the workload in a namespace of the tenant, or have the platform team add this namespace to one',
    }));
  return [...outside, ...unreadRest(view)];
}

/** What was not read cannot be allowed: padding must not be a way in. */
function unreadRest({ references }: WorkloadView): Violation[] {
  const { unread } = references;
  return unread === undefined ? [] : [{ path: unread.path, ...unreadTexts[unread.cause] }];
}

const unreadTexts: Record<UnreadCause, { readonly reason: string; readonly fix: string }> = {
  references: {
    reason: `more than ${limits.maxBucketReferences} buckets are named; what follows cannot be judged`,
    fix: 'Name fewer buckets in one workload',
  },
  steps: {
    reason: 'the text has too many URLs and flags to be examined',
    fix: 'Move it to a file or ConfigMap',
  },
  expansion: {
    reason: 'variables make the text too long to be examined',
    fix: 'Use fewer or shorter variables',
  },
  length: {
    reason: 'the text has a URL or a list that is too long to be examined',
    fix: 'Move it to a file or ConfigMap',
  },
};

function unreadableViolations({ references }: WorkloadView): Violation[] {
  return references.unreadable.map(({ path, entry }) => ({
    path,
    reason: `"${entry}" is not a valid entry; write bucket, bucket:ro, bucket:wo or bucket:rw`,
    fix: 'Correct the entry; entries are separated by commas',
  }));
}

/** What a Secret or a variable of the running container hides is never read; it can only be pointed out. */
function unknownViolations(
  { references, workload }: WorkloadView,
  { settings }: World,
): Violation[] {
  const placesOfKeys = new Set(references.keys.map((key) => formatPath(key.path)));
  const unknown = references.unknown.map((path) => ({
    path,
    key: 'unknown',
    reason: `${placesOfKeys.has(formatPath(path)) ? '' : excerptAt(workload, path)}names a bucket that cannot be known before the container runs`,
    fix: `State the bucket in the annotation ${annotations.buckets}`,
    actions: settings.config.detection.secretReferences,
  }));
  const hidden = references.hidden.map(({ path, configMap }) => ({
    path,
    reason: `ConfigMap "${configMap}" may hold bucket names, which cannot be seen here`,
    fix: `State the buckets, if any, in the annotation ${annotations.buckets}`,
    limit: 'Warn' as const,
  }));
  return [...unknown, ...hidden];
}

function keyOf({ bucket, key, access }: BucketReference): string {
  return [bucket, key, access ?? ''].join(' ');
}
