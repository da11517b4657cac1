import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketNameProblem, isPlausibleBucketName } from '../../src/bucket/bucket-name.ts';

const characters =
  'must be lower-case letters, digits, "-" and ".", starting and ending with a letter or digit';

describe('a name for a new bucket', () => {
  it.each([
    'abc',
    '123',
    'a.b',
    'payments-ledger',
    'a-b.c-d.1',
    '1.2.3',
    '1.2.3.4.5',
    'a'.repeat(63),
  ])('may be %s', (name) => {
    expect(bucketNameProblem(name)).toBeUndefined();
  });

  it.each([
    ['', 'must have 3 to 63 characters'],
    ['ab', 'must have 3 to 63 characters'],
    ['a'.repeat(64), 'must have 3 to 63 characters'],
    ['Payments', characters],
    ['pay_ments', characters],
    ['pay ments', characters],
    ['payments\n', characters],
    [' payments', characters],
    ['-payments', characters],
    ['payments-', characters],
    ['.payments', characters],
    ['payments.', characters],
    ['pay..ments', characters],
    ['pay-.ments', characters],
    ['pay.-ments', characters],
    ['zahlungen-ü', characters],
    ['paymentѕ', characters],
    ['192.168.5.4', 'must not look like an IPv4 address'],
    ['999.999.999.999', 'must not look like an IPv4 address'],
    ['minio', 'is reserved by MinIO'],
    ['xn--payments', '"xn--" is reserved by AWS'],
    ['sthree-payments', '"sthree-" is reserved by AWS'],
    ['amzn-s3-demo-payments', '"amzn-s3-demo-" is reserved by AWS'],
    ['payments-s3alias', '"-s3alias" is reserved by AWS'],
    ['payments--ol-s3', '"--ol-s3" is reserved by AWS'],
    ['payments.mrap', '".mrap" is reserved by AWS'],
    ['payments--x-s3', '"--x-s3" is reserved by AWS'],
    ['payments--table-s3', '"--table-s3" is reserved by AWS'],
  ])('%j: %s', (name, problem) => {
    expect(bucketNameProblem(name)).toBe(problem);
  });

  it('is always one that detection recognises', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9.-]{1,64}$/), (name) => {
        if (bucketNameProblem(name) === undefined) expect(isPlausibleBucketName(name)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a name that some store may have', () => {
  it.each(['abc', 'Old_Bucket.2009', 'UPPER', '192.168.5.4', 'a--', 'a'.repeat(255)])(
    'is %s',
    (name) => {
      expect(isPlausibleBucketName(name)).toBe(true);
    },
  );

  it.each([
    '',
    'ab',
    '-ab',
    '.ab',
    '_ab',
    'a b c',
    'a/b',
    'a:b',
    'a@b',
    '$abc',
    'ledger\n',
    'a'.repeat(256),
  ])('is not %j', (name) => {
    expect(isPlausibleBucketName(name)).toBe(false);
  });
});
