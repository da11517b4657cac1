import { describe, expect, it } from 'vitest';
import { aBareTenant, problemsOf } from './surroundings.ts';

describe('a variable of every container', () => {
  const shared = aBareTenant('owner', {
    buckets: [{ name: 'shared-a', sharedWith: [{ tenant: 'payments' }] }],
  });
  const spec = {
    buckets: [{ name: 'payments-ledger', serviceAccounts: ['writer'] }],
    externalBuckets: ['acme-gcs-*'],
  };

  it.each([
    ['S3_BUCKET', 'payments-ledger'],
    ['S3_BUCKET', 'acme-gcs-x,shared-a'],
    ['TARGET', 's3://payments-ledger/x'],
    ['TARGET', 'acme-other'],
    ['MC_HOST_store', 'https://minio.storage.svc:9000'],
    ['S3_URL', 'https://minio.storage.svc:9000'],
  ])('may be %s=%s', (name, value) => {
    expect(problemsOf({ ...spec, env: [{ name, value }] }, { others: [shared] })).toEqual([]);
  });

  const notGranted =
    'names bucket "acme-other", which the tenant is not granted; grant it or list it in externalBuckets';

  it.each([
    ['S3_BUCKET', 'acme-other', `value: ${notGranted}`],
    ['TARGET', 's3://acme-other/x', `value: ${notGranted}`],
    ['TARGET', 'minio.storage.svc:9000/acme-other/x', `value: ${notGranted}`],
    [
      'RCLONE_S3_ACCESS_KEY_ID',
      'x',
      'name: "RCLONE_S3_ACCESS_KEY_ID" is a static credential for rclone',
    ],
    [
      'MC_HOST_store',
      'https://KEY:SEC/RET@x',
      'name: "MC_HOST_store" holds static credentials for mc',
    ],
    ['JAVA_OPTS', '-Dfs.s3a.secret.key=x', 'value: has static credentials'],
  ])('may not be %s=%s', (name, value, problem) => {
    const env = [
      { name: 'A', value: 'b' },
      { name, value },
    ];
    for (const isNew of [false, true]) {
      expect(problemsOf({ ...spec, env }, { others: [shared], isNew })).toEqual([
        `spec.env[1].${problem}`,
      ]);
    }
  });
});
