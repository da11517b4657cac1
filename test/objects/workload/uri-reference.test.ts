import { describe, expect, it } from 'vitest';
import { compileSettings } from '../../../src/settings/settings.ts';
import { Findings, type BucketReference } from '../../../src/objects/workload/findings.ts';
import { createReadingBudget } from '../../../src/objects/workload/reading-budget.ts';
import { TextReader } from '../../../src/objects/workload/text-reader.ts';
import { aConfig } from '../../builders.ts';
import { fc, test } from './property.ts';

const settings = compileSettings(
  aConfig({
    storage: {
      endpoints: [
        'https://minio.storage.svc.cluster.local:9000',
        'https://s3.example.com',
        'http://10.1.2.3:9000',
        'https://[fd00::5]:9000',
      ],
    },
  }),
);

/** "bucket", "bucket/key", "bucket/key…" for an open key. */
function shown({ bucket, key, isOpenKey }: BucketReference): string {
  return `${bucket}${key === '' && !isOpenKey ? '' : `/${key}`}${isOpenKey ? '…' : ''}`;
}

/** What is named; "?" for a bucket that cannot be known, "unread" where reading stopped. */
function find(text: string): string[] {
  const findings = new Findings();
  const reader = new TextReader({ settings, findings, budget: createReadingBudget() });
  reader.readText(text, { path: ['text'] });
  return named(findings);
}

/** The same of an argument or a value, with these variables around it. */
function findInWord(text: string, variables: Readonly<Record<string, string>> = {}): string[] {
  const findings = new Findings();
  const reader = new TextReader({ settings, findings, budget: createReadingBudget() });
  reader.readWord(text, { path: ['text'], variables: new Map(Object.entries(variables)) });
  return named(findings);
}

function named(findings: Findings): string[] {
  return [
    ...findings.known.map(shown),
    ...findings.unknown.map(() => '?'),
    ...(findings.unread === undefined ? [] : ['unread']),
  ];
}

describe('a text names by S3 scheme', () => {
  it.each([
    ['s3://ledger', 'ledger'],
    ['s3://ledger/', 'ledger'],
    ['s3://ledger/2027/x.csv', 'ledger/2027/x.csv'],
    ['s3a://ledger/x', 'ledger/x'],
    ['s3n://ledger/x', 'ledger/x'],
    ['S3://ledger/x', 'ledger/x'],
    ['s3://Old_Ledger/x', 'Old_Ledger/x'],
    ['s3://ledger.eu/x', 'ledger.eu/x'],
    ['s3://ledger?region=eu', 'ledger'],
    ['s3://ledger/a?versionId=7#x', 'ledger/a'],
    ['s3://ledger/a/*.csv', 'ledger/a/…'],
    ['s3://ledger/a/{b,c}', 'ledger/a/…'],
    ['s3://anonymous@ledger/x', 'ledger/x'],
    ['s3://ledger@us-east-1/x', 'ledger/x'],
    ['s3://ledger@eu-central-1/', 'ledger'],
    ['s3://key:secret@us-east-1/ledger', 'ledger'],
    ['s3n://key:secret@ledger/x', 'ledger/x'],
    ['s3://minio.storage.svc:9000/ledger/x', 'ledger/x'],
    ['s3://user:key@minio.storage.svc.cluster.local:9000/ledger', 'ledger'],
    ['s3://user:key@s3.example.com/ledger', 'ledger'],
    ['s3://ledger.s3.example.com/x', 'ledger/x'],
    ['spark.eventLog.dir=s3a://ledger/events', 'ledger/events'],
    ['{"path":"s3://ledger/x"}', 'ledger/x'],
    ["aws s3 cp 's3://ledger/x' .", 'ledger/x'],
    ['(s3://ledger/x)', 'ledger/x'],
    ['http://proxy.example.com/s3://ledger/x', 'ledger/x'],
  ])('%s → %s', (text, expected) => {
    expect(find(text)).toEqual([expected]);
  });

  it('finds every one of several', () => {
    expect(find('sync s3://one-a/x s3://two-b/y;s3://three-c')).toEqual([
      'one-a/x',
      'two-b/y',
      'three-c',
    ]);
  });
});

describe('a text names by URL at the store', () => {
  it.each([
    ['http://minio.storage.svc:9000/ledger/x', 'ledger/x'],
    ['https://minio.storage:9000/ledger', 'ledger'],
    ['https://MinIO.Storage.svc.cluster.local:9000/ledger/x', 'ledger/x'],
    ['https://minio.storage.svc.cluster.local./ledger/x', 'ledger/x'],
    ['https://minio.storage.svc.cluster.local:9000//ledger/x', 'ledger/x'],
    ['https://s3.example.com/ledger/x', 'ledger/x'],
    ['https://s3.example.com:443/ledger/x', 'ledger/x'],
    ['https://ledger.s3.example.com/x', 'ledger/x'],
    ['https://ledger.minio.storage.svc:9000/x', 'ledger/x'],
    ['https://led.ger.s3.example.com/x', 'led.ger/x'],
    ['http://10.1.2.3:9000/ledger', 'ledger'],
    ['http://0x0a010203:9000/ledger', 'ledger'],
    ['https://[fd00::5]:9000/ledger/x', 'ledger/x'],
    ['s3://[fd00::5]:9000/ledger', 'ledger'],
    ['s3:http://minio.storage.svc:9000/ledger/restic', 'ledger/restic'],
    ['https://s3.example.com/%6cedger/x', 'ledger/x'],
    [
      'https://s3.example.com/ledger/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0',
      'ledger/a',
    ],
    ['https://user:key@s3.example.com/ledger', 'ledger'],
  ])('%s → %s', (text, expected) => {
    expect(find(text)).toEqual([expected]);
  });
});

describe('a path is decoded and resolved', () => {
  it.each([
    ['https://minio.storage.svc:9000/own/../ledger/x', 'ledger/x'],
    ['minio.storage.svc:9000/own/../ledger/x', 'ledger/x'],
    ['minio.storage.svc:9000/minio/../ledger/x', 'ledger/x'],
    ['minio.storage.svc:9000/./ledger/x', 'ledger/x'],
    ['minio.storage.svc:9000/%6cedger/x', 'ledger/x'],
    ['minio.storage.svc:9000/%2e%2e/ledger/x', 'ledger/x'],
    ['minio.storage.svc:9000/%2fledger/x', 'ledger/x'],
    ['s3://minio.storage.svc:9000/%6cedger/x', 'ledger/x'],
    ['s3://minio.storage.svc:9000/own/../ledger/x', 'ledger/x'],
    ['s3://key:secret@us-east-1/%6cedger', 'ledger'],
    ['https://minio.storage.svc:9000/%6cedger/%zz', 'ledger/%zz'],
    ['https://minio.storage.svc:9000/%6cedger/%c3%a4%c3%61', 'ledger/%c3%a4%c3a'],
    ['https://minio.storage.svc:9000/led\nger/x', 'ledger/x'],
    ['https://minio.storage.svc:9000/led\t\r\nger/x', 'ledger/x'],
    ['https://minio.sto\nrage.svc:9000/ledger/x', 'ledger/x'],
  ])('%j → %s', (text, expected) => {
    expect(findInWord(text)).toContain(expected);
  });

  it.each([
    'https://s3.example.com\nREGION=ledger/x',
    'https://s3.example.com\nhttps://files.example.com/ledger/x',
  ])('but lines are not joined in %j', (text) => {
    expect(findInWord(text)).toEqual([]);
  });
});

describe('variables in front of a path', () => {
  const variables = {
    H: 'https://minio.storage.svc:9000',
    N: 'minio.storage.svc:9000',
    P: 's3://',
    Q: 's3:',
    R: 's3://led',
    B: 'ledger',
    EMPTY: '',
  };

  it.each([
    ['curl $H/ledger/x', ['ledger/x']],
    ['curl "$H"/ledger/x', ['ledger/x']],
    ['curl "$H"\'/ledger/x\'', ['ledger/x']],
    ['curl "$N"/ledger/x', ['ledger/x']],
    ['curl ${H:-x}/ledger/x', ['ledger/x']],
    ['curl ${H-x}/ledger/x', ['ledger/x']],
    ['curl ${H:?}/ledger/x', ['ledger/x']],
    ['curl ${H%/}/ledger/x', ['ledger/x']],
    ['aws s3 ls $P$B/x', ['ledger/x']],
    ['aws s3 ls "$P"$B/x', ['ledger/x']],
    ['aws s3 ls $Q//ledger/x', ['ledger/x']],
    ['aws s3 ls ${R}ger/x', ['ledger/x']],
    ['aws s3 ls s3://${B:-other}/x', ['ledger/x']],
    ['aws s3 ls s3://${C:-other}/x', ['?']],
    ['aws s3 ls s3://${EMPTY:-other}/x', ['?']],
    ['aws s3 ls s3://${B:+other}/x', ['?']],
    ['echo "$B"/x', []],
    ['curl "$H" /ledger/x', []],
  ])('%s → %j', (text, expected) => {
    expect(findInWord(text, variables)).toEqual(expected);
  });
});

describe('a text hides a bucket in', () => {
  it.each([
    's3://$BUCKET/x',
    's3://${BUCKET}/x',
    's3://$(BUCKET)/x',
    's3://{bucket}/x',
    's3://%(bucket)s/x',
    's3://led${SUFFIX}/x',
    'https://s3.example.com/$BUCKET/x',
    'https://${BUCKET}.s3.example.com/x',
  ])('%s', (text) => {
    expect(find(text)).toEqual(['?']);
  });

  it('keeps the literal part of a key that goes on in a variable', () => {
    expect(find('s3://ledger/2027/$DAY/x')).toEqual(['ledger/2027/…']);
  });
});

describe('a text names no bucket with', () => {
  it.each([
    'https://bitbucket.org/acme/api',
    'https://bucket.example.com/ledger',
    'https://ledger.s3.eu-central-1.amazonaws.com/x',
    'https://s3.amazonaws.com/ledger',
    'https://evil-s3.example.com/ledger',
    'https://s3.example.com.evil.test/ledger',
    'https://s3.example.com',
    'https://s3.example.com/',
    'https://minio.storage.svc:9000/minio/health/live',
    'https://minio.storage.svc:9000/minio/v2/metrics/cluster',
    'http://minio.storage.svc:9001/ledger',
    's3://user:key@loki.example.com:9000/ledger',
    's3:ObjectCreated:*',
    's3:bucket',
    'arn:aws:s3:::*',
    'arn:aws:sqs:::ledger/key',
    'xarn:aws:s3:::ledger',
    'gs://ledger/x',
    'file:///ledger/x',
    '://',
    's3://',
    's3:///x',
    's3://../x',
    's3://a/x',
    's3://-ledger/x',
  ])('%s', (text) => {
    expect(find(text)).toEqual([]);
  });
});

describe('a search', () => {
  test('never throws', fc.string({ unit: 'binary' }), (text) => {
    find(`s3://${text}`);
    find(text);
  });

  test(
    'finds a bucket in any text around it',
    fc.record({ before: fc.string(), after: fc.string() }),
    ({ before, after }) => {
      expect(find(`${before} s3://ledger/x ${after}`)).toContain('ledger/x');
    },
  );

  it.each(['s3://x', 's3://${', '://', 'a:/', 'https://x.y/', 's3://1', ' s3://"a'])(
    'stops at a budget, however many of %j there are',
    (unit) => {
      expect(find(unit.repeat(400_000))).toContain('unread');
    },
  );
});
