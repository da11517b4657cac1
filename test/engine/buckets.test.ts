import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { admit } from '../../src/engine/admit.ts';
import { aConfig, aDeployment, anEngine, aRequest, aTenant, recordAt } from '../builders.ts';
import { inNamespace } from './questions.ts';

describe('a bucket', () => {
  const tenants = [
    aTenant({
      buckets: [
        { name: 'payments-ledger', serviceAccounts: ['ledger-writer'] },
        { name: 'payments-tmp-*' },
        { name: 'payments-inbox', access: 'WriteOnly', prefixes: ['in/'] },
      ],
      externalBuckets: ['acme-gcs-*'],
    }),
    aTenant({
      name: 'analytics',
      buckets: [
        { name: 'analytics-raw' },
        { name: 'analytics-reports', sharedWith: [{ tenant: 'payments', access: 'ReadOnly' }] },
      ],
    }),
  ];
  const shop = anEngine({ tenants });

  async function reason(
    container: JsonRecord,
    { account = 'ledger-writer', buckets = '' } = {},
  ): Promise<string> {
    const template = buckets === '' ? {} : { annotations: { 'bucketwarden.io/buckets': buckets } };
    const object = aDeployment(container);
    const spec = { ...recordAt(object, 'spec', 'template', 'spec'), serviceAccountName: account };
    const changed = { ...object, spec: { template: { metadata: template, spec } } };
    const { decision } = await admit(aRequest({ object: changed }), shop);
    return decision.denied.map(({ finding }) => finding.violation.reason).join('; ');
  }

  it.each([
    ['own', { env: [{ name: 'S3_BUCKET', value: 'payments-ledger' }] }],
    ['own, by pattern', { args: ['--bucket=payments-tmp-a.b'] }],
    ['own, inside its prefix', { args: ['s3://payments-inbox/in/x'] }],
    ['own, in an open key that may be inside', { args: ['s3://payments-inbox/$DAY'] }],
    ['shared, read', { args: ['s3a://analytics-reports/2027'] }],
    ['of no store of ours', { args: ['--bucket', 'acme-gcs-x'] }],
  ])('that is %s is allowed', async (_, container) => {
    expect(await reason(container)).toBe('');
  });

  it.each([
    ['foreign', { args: ['s3://analytics-raw/x'] }, 'bucket "analytics-raw" is not granted'],
    ['unknown', { args: ['S3://nobody-has-it/x'] }, 'bucket "nobody-has-it" is not granted'],
    [
      'like an own one',
      { args: ['s3n://payments-tmpx/x'] },
      'bucket "payments-tmpx" is not granted',
    ],
    [
      'the prefix itself',
      { args: ['--bucket=payments-tmp-'] },
      'bucket "payments-tmp-" is not granted',
    ],
    [
      'outside its prefix',
      { args: ['s3://payments-inbox/out/x'] },
      'key "out/x" of bucket "payments-inbox" is outside the granted prefixes "in/"',
    ],
    [
      'out of its prefix by ".."',
      { args: ['s3://payments-inbox/in/../out'] },
      'key "in/../out" of bucket "payments-inbox" is outside the granted prefixes "in/"',
    ],
    [
      'in a URL with keys',
      { args: ['s3://user:key@minio.storage.svc:9000/analytics-raw'] },
      'bucket "analytics-raw" is not granted; has credentials in a URL',
    ],
    [
      'presigned',
      { args: ['https://minio.storage.svc:9000/analytics-raw/x?X-Amz-Signature=0'] },
      'bucket "analytics-raw" is not granted',
    ],
    [
      'a virtual host',
      { args: ['https://analytics-raw.minio.storage.svc:9000/x'] },
      'bucket "analytics-raw" is not granted',
    ],
  ])('that is %s is denied', async (_, container, expected) => {
    expect(await reason(container)).toBe(expected);
  });

  it('that is for another account is denied', async () => {
    expect(await reason({ args: ['s3://payments-ledger/x'] }, { account: 'web' })).toBe(
      'bucket "payments-ledger" is not granted to service account "web"',
    );
  });

  it.each([
    ['analytics-reports', ''],
    ['analytics-reports:ro', ''],
    [
      'analytics-reports:rw',
      'bucket "analytics-reports" is granted read-only (ro), but read-write (rw) is requested',
    ],
    [
      'analytics-reports:wo',
      'bucket "analytics-reports" is granted read-only (ro), but write-only (wo) is requested',
    ],
    ['payments-inbox:wo', ''],
    [
      'payments-inbox',
      'bucket "payments-inbox" is granted write-only (wo), but read-only (ro) is requested',
    ],
    ['payments-ledger:rw,analytics-raw', 'bucket "analytics-raw" is not granted'],
    [
      'payments-ledger:rwx',
      '"payments-ledger:rwx" is not a valid entry; write bucket, bucket:ro, bucket:wo or bucket:rw',
    ],
  ])('requested as %s is judged by its access', async (buckets, expected) => {
    expect(await reason({}, { buckets })).toBe(expected);
  });

  it('that a ConfigMap may name only warns', async () => {
    const object = aDeployment({ envFrom: [{ configMapRef: { name: 'app' } }] });
    const { decision } = await admit(aRequest({ object }), shop);
    expect(decision.denied).toEqual([]);
    expect(decision.warned.map(({ finding }) => finding.violation.reason)).toEqual([
      'ConfigMap "app" may hold bucket names, which cannot be seen here',
    ]);
  });

  it.each([
    { name: 'RATE_LIMIT_BUCKET', value: '10' },
    { name: 'HISTOGRAM_BUCKETS', value: '0.1,0.5' },
    { name: 'REPOSITORY', value: 'https://bitbucket.org/analytics-raw/api' },
    { name: 'EVENTS', value: 's3:ObjectCreated:*' },
    { name: 'ELSEWHERE', value: 'https://files.example.com/analytics-raw' },
    { name: 'GCS_BUCKET', value: 'analytics-raw' },
  ])('is not seen in $name=$value', async (variable) => {
    expect(await reason({ env: [variable] })).toBe('');
  });

  it.each([
    [
      'Managed',
      's3://analytics-raw/x',
      'bucket "analytics-raw" is not granted to this namespace, which belongs to no tenant',
    ],
    ['Managed', 's3://nobody-has-it/x', ''],
    [
      'All',
      's3://nobody-has-it/x',
      'bucket "nobody-has-it" is not granted to this namespace, which belongs to no tenant',
    ],
    ['None', 's3://analytics-raw/x', ''],
  ])('outside tenants, with untenanted.buckets %s: %s → "%s"', async (buckets, uri, expected) => {
    const to = anEngine({ tenants, config: aConfig({ untenanted: { buckets } }) });
    const object = inNamespace(aDeployment({ args: [uri] }), 'free');
    const { decision } = await admit(aRequest({ object }), to);
    expect(decision.denied.map(({ finding }) => finding.violation.reason).join('; ')).toBe(
      expected,
    );
  });
});
