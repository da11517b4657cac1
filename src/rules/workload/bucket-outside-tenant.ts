import { limits } from '../../limits.ts';
import { annotations } from '../../names.ts';
import { askBucket, isExternalBucket } from '../../tenant/ask-bucket.ts';
import { denialReason, grantsFor, untenantedReason } from '../../tenant/denial.ts';
import type { Tenant } from '../../tenant/tenant.ts';
import type { BucketReference } from '../../objects/workload/bucket-references.ts';
import { serviceAccountOf, type Workload } from '../../objects/workload/pod-template.ts';
import type { Rule, RuleInput, Violation } from '../rule.ts';
import { workloadMatch } from '../../objects/workload/match.ts';

/** Bucket names in workloads: an early answer. The store's own policy is the fence. */
export const bucketOutsideTenant: Rule = {
  id: 'bucket-outside-tenant',
  title: 'Workloads name only buckets that their tenant owns or was given',
  why:
    'A pod that asks for a bucket of somebody else either fails with 403 at run time, or, where the ' +
    "store's policy is too wide, reads and writes other people's data.",
  fix: 'Name a bucket that is granted, or have the platform team add this one to the StorageTenant',
  scope: 'cluster',
  harmsOthers: false,
  defaultActions: ['Deny'],
  match: workloadMatch,
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
        name: 'a bucket shared for reading, asked for to write',
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
        name: 'an account the bucket is not for',
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
  validate(input) {
    const { workload, tenant } = input;
    if (workload === undefined) return [];
    if (tenant === undefined) return untenantedViolations(input);
    return [
      ...tenantViolations(input, { tenant, workload }),
      ...unreadableViolations(input),
      ...unknownViolations(input),
      ...unreadRest(input),
    ];
  },
};

function tenantViolations(
  { tenants, references }: RuleInput,
  { tenant, workload }: { readonly tenant: Tenant; readonly workload: Workload },
): Violation[] {
  const serviceAccount = serviceAccountOf(workload);
  const allowed = grantsFor(tenant, serviceAccount);
  return references.known.flatMap((reference) => {
    const { bucket, access, key, isOpenKey, path } = reference;
    if (isExternalBucket(tenants, tenant, bucket)) return [];
    const answer = askBucket(tenants, tenant, { bucket, serviceAccount, access, key, isOpenKey });
    if (answer.kind === 'granted') return [];
    const reason = denialReason(answer, { reference, serviceAccount });
    return [{ path, value: valueOf(reference), reason, allowed }];
  });
}

function untenantedViolations(input: RuleInput): Violation[] {
  const { references, tenants, settings } = input;
  const { buckets } = settings.config.untenanted;
  if (buckets === 'None') return [];
  const outside = references.known
    .filter(({ bucket }) => buckets === 'All' || tenants.isManagedBucket(bucket))
    .map((reference) => ({
      path: reference.path,
      value: valueOf(reference),
      reason: untenantedReason(reference.bucket),
      fix: 'Run the workload in a namespace of the tenant, or have the platform team add this namespace to one',
    }));
  return [...outside, ...unreadRest(input)];
}

/** What was not read cannot be allowed: padding must not be a way in. */
function unreadRest({ references }: RuleInput): Violation[] {
  if (references.unread === undefined) return [];
  return [
    {
      path: references.unread,
      value: 'too many',
      reason: `more than ${limits.maxBucketReferences} buckets are named; what follows cannot be judged`,
      fix: 'Name fewer buckets in one workload',
    },
  ];
}

function unreadableViolations({ references }: RuleInput): Violation[] {
  return references.unreadable.map(({ path, entry }) => ({
    path,
    value: entry,
    reason: `"${entry}" is no bucket request`,
    fix: 'Write bucket names separated by commas, each with ":ro", ":wo", ":rw" or nothing behind it',
  }));
}

/** What a Secret or a variable of the running container hides is never read; it can only be told. */
function unknownViolations({ references, settings }: RuleInput): Violation[] {
  return references.unknown.map((path) => ({
    path,
    value: 'unknown',
    reason: 'names a bucket that cannot be known before the container runs',
    fix: `State the bucket in the annotation ${annotations.buckets}`,
    actions: settings.config.detection.secretReferences,
  }));
}

function valueOf({ bucket, key, access }: BucketReference): string {
  return [bucket, key, access ?? ''].join(' ');
}
