import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findUris, hasVariable, readUri, type BucketUri } from '../../src/bucket/bucket-uri.ts';
import { limits } from '../../src/limits.ts';
import { bucketName } from './arbitraries.ts';

function uri(scheme: string, host: string, rest: Partial<BucketUri> = {}): BucketUri {
  return { scheme, host, userInfo: undefined, port: undefined, path: '', ...rest };
}

const known = new Set(['s3', 's3a', 's3n', 'http', 'https']);

function urisIn(text: string): BucketUri[] {
  const budget = { stepsLeft: 10_000_000 };
  const isKnown = (scheme: string): boolean => known.has(scheme);
  return [...findUris(text, { isKnown, budget })].flatMap(readUri);
}

describe('a text that is one URI', () => {
  it.each<readonly [string, BucketUri]>([
    ['s3://ledger', uri('s3', 'ledger')],
    ['s3://ledger/', uri('s3', 'ledger')],
    ['s3://ledger/a/b.csv', uri('s3', 'ledger', { path: 'a/b.csv' })],
    ['s3://ledger//a', uri('s3', 'ledger', { path: 'a' })],
    ['s3a://ledger/a', uri('s3a', 'ledger', { path: 'a' })],
    ['S3N://Ledger/A', uri('s3n', 'Ledger', { path: 'A' })],
    ['s3://ledger?versionId=1', uri('s3', 'ledger')],
    ['s3://ledger/a?b/c#d', uri('s3', 'ledger', { path: 'a' })],
    ['s3://anonymous@ledger/a', uri('s3', 'ledger', { userInfo: 'anonymous', path: 'a' })],
    ['s3://ledger@eu-central-1/a', uri('s3', 'eu-central-1', { userInfo: 'ledger', path: 'a' })],
    [
      's3://user:key@host:9000/bucket',
      uri('s3', 'host', { userInfo: 'user:key', port: '9000', path: 'bucket' }),
    ],
    [
      's3://user:k@y@host:9000/bucket',
      uri('s3', 'host', { userInfo: 'user:k@y', port: '9000', path: 'bucket' }),
    ],
    ['http://minio:9000/ledger/a', uri('http', 'minio', { port: '9000', path: 'ledger/a' })],
    ['https://minio:/ledger', uri('https', 'minio', { port: '', path: 'ledger' })],
    [
      'https://ledger.s3.example.com/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0',
      uri('https', 'ledger.s3.example.com', { path: 'a' }),
    ],
    ['http://[fd00::1]:9000/ledger', uri('http', '[fd00::1]', { port: '9000', path: 'ledger' })],
    [
      's3://user:key@[::ffff:10.0.0.1]:9000/ledger',
      uri('s3', '[::ffff:10.0.0.1]', { userInfo: 'user:key', port: '9000', path: 'ledger' }),
    ],
    ['s3://$BUCKET/a', uri('s3', '$BUCKET', { path: 'a' })],
    ['s3://${BUCKET}/a', uri('s3', '${BUCKET}', { path: 'a' })],
    ['s3://${BUCKET:-a b}/c', uri('s3', '${BUCKET:-a b}', { path: 'c' })],
    ['s3://$(BUCKET)/a', uri('s3', '$(BUCKET)', { path: 'a' })],
    ['s3://%(bucket)s/a', uri('s3', '%(bucket)s', { path: 'a' })],
    ['s3://ledger-${ENV}/a', uri('s3', 'ledger-${ENV}', { path: 'a' })],
    ['s3://ledger/${', uri('s3', 'ledger', { path: '${' })],
    ['s3://{bucket}/a', uri('s3', '{bucket}', { path: 'a' })],
    ['s3://', uri('s3', '')],
    ['s3:///ledger/a', uri('s3', 'ledger', { path: 'a' })],
    ['s3:/ledger/a', uri('s3', 'ledger', { path: 'a' })],
    ['https:/minio:9000/ledger', uri('https', 'minio', { port: '9000', path: 'ledger' })],
  ])('%s', (text, expected) => {
    expect(urisIn(text)).toEqual([expected]);
  });
});

describe('a URI that a shell joins from parts', () => {
  it.each([
    ['s3:\\\\ledger\\a', ['ledger/a', 'ledgera/']],
    ['https:\\\\minio\\ledger', ['minio/ledger', 'minioledger/']],
    ['s3://led"ger"/a', ['led/', 'ledger/a']],
    ["s3://ledger'-2'/a", ['ledger/', 'ledger-2/a']],
    ['s3://led\\ger/a', ['led/ger/a', 'ledger/a']],
    ['s3://ledger\\nx', ['ledger/']],
    ['s3://ledger" x', ['ledger/']],
  ])('%j is read in each way: %j', (text, expected) => {
    expect(urisIn(text).map(({ host, path }) => `${host}/${path}`)).toEqual(expected);
  });
});

describe('a URI inside a longer text', () => {
  it.each([
    ['aws s3 cp "s3://ledger/a" .', ['s3 ledger/a']],
    ["aws s3 cp 's3://ledger/a' s3://reports/b;", ['s3 ledger/a', 's3 reports/b']],
    ['for i in $(aws s3 ls s3://ledger/a); do', ['s3 ledger/a']],
    ['aws s3 ls s3://ledger/a|wc -l', ['s3 ledger/a']],
    ['aws s3 rm s3://ledger/a&&exit', ['s3 ledger/a']],
    ['X=s3://ledger/a\nY=s3://reports/b\r\n', ['s3 ledger/a', 's3 reports/b']],
    ['--url=s3://ledger/a', ['s3 ledger/a']],
    ['-Dspark.dir=s3a://ledger/a', ['s3a ledger/a']],
    ['{"uri":"s3://ledger/a","n":1}', ['s3 ledger/a']],
    ['{\\"uri\\":\\"s3://ledger/a\\"}', ['s3 ledger/a']],
    ['{"script":"run\\ns3://ledger/a\\n"}', ['s3 ledger/a']],
    ['s3:https://minio/ledger', ['https minio/ledger']],
    ['s3://ledger/a,s3://reports/b', ['s3 ledger/a', 's3 reports/b']],
    ['https://proxy/s3://ledger/a', ['https proxy/s3://ledger/a', 's3 ledger/a']],
    ['https://proxy/?to=s3://ledger/a', ['https proxy/', 's3 ledger/a']],
    ['--s3://ledger/a', ['s3 ledger/a']],
    ['[s3://ledger/a]', ['s3 ledger/a']],
    ['<s3://ledger/a>', ['s3 ledger/a']],
    ['`s3://ledger/a`', ['s3 ledger/a']],
    ['s3://[ledger]/a', ['s3 /']],
  ])('%j: %j', (text, expected) => {
    const found = urisIn(text).map(({ scheme, host, path }) => `${scheme} ${host}/${path}`);
    expect(found).toEqual(expected);
  });

  it.each([
    '',
    's3:',
    'x:/ledger',
    's3:ObjectCreated:*',
    '://',
    ' ://ledger',
    'arn:aws:s3:::ledger',
  ])('is not found in %j', (text) => {
    expect(urisIn(text)).toEqual([]);
  });
});

describe('findUris', () => {
  it('finds a bucket and key whatever stands around them', () => {
    fc.assert(
      fc.property(fc.string(), bucketName, fc.string(), (before, bucket, after) => {
        const found = urisIn(`${before} s3://${bucket}/key ${after}`);
        expect(found).toContainEqual(uri('s3', bucket, { path: 'key' }));
      }),
      { numRuns: 1_000 },
    );
  });

  it('never throws, and finds nothing that does not stand in the text', () => {
    const piece = fc.constantFrom(
      's3',
      '://',
      '$',
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      '@',
      ':',
      '/',
      '?',
      '\\n',
      '"',
      'a',
      '\uD800',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (hostile) => {
        // Quotes and backslashes inside a URI are taken out.
        const plain = hostile.replace(/["'\\]/g, '');
        for (const { host, path, userInfo = '', port = '' } of urisIn(hostile)) {
          for (const part of [host, path, userInfo, port]) {
            expect(plain).toContain(part.replaceAll('/', '') === '' ? '' : part);
          }
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it.each(['://', 's3://', 's3://a', 's3://$(', 's3://${', 's3://%(', 's3://@', 's3://"a', 'a:/'])(
    'ends at its budget in three mebibytes of %j',
    (unit) => {
      const text = unit.repeat((3 * 2 ** 20) / unit.length);
      const budget = { stepsLeft: limits.maxReadingSteps };
      const found = [...findUris(text, { isKnown: () => true, budget })];
      const read = found.reduce((sum, uri) => sum + uri.text.length, 0);
      expect(budget.stepsLeft).toBeLessThan(0);
      expect(read).toBeLessThan(limits.maxReadingSteps * (limits.charactersPerStep + 1));
    },
  );

  it.each(['@', ':', '/', '$(', '${', '[', '1', 'a', '\\', '?'])(
    'comes to an end with one URI of a mebibyte of %j, before it and behind',
    (unit) => {
      const long = unit.repeat(2 ** 20 / unit.length);
      expect(urisIn(`${long} s3://${long}`)).toHaveLength(1);
      expect(urisIn(`s3://ledger/a ${long}`)).toHaveLength(1);
    },
  );
});

describe('hasVariable', () => {
  it.each(['$X', '${X}', '$(X)', '{x}', '%(x)s', 'ledger-$X'])('is true for %s', (text) => {
    expect(hasVariable(text)).toBe(true);
  });

  it.each(['ledger', 'a%20b', '(a)', ''])('is false for %j', (text) => {
    expect(hasVariable(text)).toBe(false);
  });
});
