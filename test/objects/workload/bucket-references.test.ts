import { describe, expect, it } from 'vitest';
import { formatPath } from '../../../src/admission/field-path.ts';
import { isRecord, type JsonRecord } from '../../../src/admission/json.ts';
import { compileSettings } from '../../../src/settings/settings.ts';
import { findBucketReferences } from '../../../src/objects/workload/bucket-references.ts';
import type { BucketReferences } from '../../../src/objects/workload/findings.ts';
import { findWorkload } from '../../../src/objects/workload/pod-template.ts';
import { aConfig, aPod, aPodWith } from '../../builders.ts';
import { fc, test } from './property.ts';

const settings = compileSettings(aConfig());
const podKind = { group: '', version: 'v1', kind: 'Pod' };

function findIn(pod: JsonRecord): BucketReferences {
  const workload = findWorkload(pod, podKind, new Map());
  if (workload === undefined) throw new Error('not a pod');
  return findBucketReferences(workload, settings);
}

/** "bucket at path", and "? at path" for what cannot be known. */
function shown({ known, unknown }: BucketReferences): string[] {
  return [
    ...known.map(({ bucket, path }) => `${bucket} at ${formatPath(path)}`),
    ...unknown.map((path) => `? at ${formatPath(path)}`),
  ];
}

function inContainer(container: JsonRecord): string[] {
  return shown(findIn(aPodWith(container))).map((text) => text.replace('spec.containers[0].', ''));
}

describe('the annotation', () => {
  function read(text: unknown): BucketReferences {
    return findIn(aPod({ metadata: { annotations: { 'bucketwarden.io/buckets': text } } }));
  }

  it('asks for buckets with an access, read-only when it says none', () => {
    const { known } = read('ledger:rw, reports ,inbox:wo,logs:ro');
    expect(known.map(({ bucket, access }) => `${bucket} ${access ?? '-'}`)).toEqual([
      'ledger ReadWrite',
      'reports ReadOnly',
      'inbox WriteOnly',
      'logs ReadOnly',
    ]);
  });

  it('reports entries that are no requests instead of dropping them', () => {
    const { known, unreadable } = read('ledger:rwx,x, ,no bucket,:rw');
    expect(known).toEqual([]);
    expect(unreadable.map(({ entry }) => entry)).toEqual(['ledger:rwx', 'x', 'no bucket', ':rw']);
    expect(formatPath(unreadable[0]?.path ?? [])).toBe(
      'metadata.annotations["bucketwarden.io/buckets"]',
    );
  });
});

describe('variables', () => {
  it.each([
    ['S3_BUCKET', 'ledger', ['ledger at env[0].value']],
    ['s3_bucket', 'ledger', ['ledger at env[0].value']],
    ['AWS_S3_BUCKET', 'ledger', ['ledger at env[0].value']],
    ['BUCKET_NAME', 'ledger', ['ledger at env[0].value']],
    ['MINIO_BUCKET', 'ledger', ['ledger at env[0].value']],
    ['REGISTRY_STORAGE_S3_BUCKET', 'ledger', ['ledger at env[0].value']],
    [`${'X'.repeat(300)}_S3_BUCKET`, 'ledger', ['ledger at env[0].value']],
    [`${'X'.repeat(300)}S3_BUCKET`, 'ledger', []],
    ['S3_BUCKET', 'ledger/2027', ['ledger at env[0].value']],
    ['S3_BUCKET', 's3://ledger/2027', ['ledger at env[0].value']],
    [
      'S3_BUCKET',
      'one-a, two-b three-c',
      ['one-a at env[0].value', 'two-b at env[0].value', 'three-c at env[0].value'],
    ],
    ['TARGET', 's3a://ledger/2027', ['ledger at env[0].value']],
    ['SPARK_CONF', '--conf x=s3a://ledger/a --conf y=1', ['ledger at env[0].value']],
    ['S3_BUCKET', '', []],
    ['S3_BUCKET', 'true', []],
    ['S3_BUCKET', '${UNSET}', ['? at env[0].value']],
    ['S3_BUCKET', '$(LATER)', ['? at env[0].value']],
    ['RATE_LIMIT_BUCKET', '10', []],
    ['RATE_LIMIT_BUCKET', 'ledger', []],
    ['HISTOGRAM_BUCKETS', '0.1,0.5', []],
    ['REQUESTS_PER_BUCKET', '100', []],
    ['GCS_BUCKET', 'ledger', []],
    ['OSS_BUCKET', 'ledger', []],
    ['HAS_DEFAULT_BUCKET', 'true', []],
    ['REPOSITORY', 'https://bitbucket.org/acme/api', []],
    ['EVENTS', 's3:ObjectCreated:*', []],
    ['HEALTH', 'http://minio.storage.svc:9000/minio/health/live', []],
    ['CONSOLE', 'http://minio.storage.svc:9001/ledger', []],
    ['ELSEWHERE', 'https://files.example.com/ledger/x', []],
  ])('%s=%s', (name, value, expected) => {
    expect(inContainer({ env: [{ name, value }] })).toEqual(expected);
  });

  it.each(['secretKeyRef', 'configMapKeyRef', 'fieldRef'])(
    'a bucket from %s cannot be known',
    (source) => {
      const env = [{ name: 'S3_BUCKET', valueFrom: { [source]: { name: 'x', key: 'y' } } }];
      expect(inContainer({ env })).toEqual(['? at env[0].valueFrom']);
    },
  );

  it('reads every entry of a name that is set twice', () => {
    const env = [
      { name: 'S3_BUCKET', value: 'ledger' },
      { name: 'S3_BUCKET', value: 'foreign' },
    ];
    expect(inContainer({ env })).toEqual(['ledger at env[0].value', 'foreign at env[1].value']);
  });

  it('expands what was defined before', () => {
    const env = [
      { name: 'TEAM', value: 'payments' },
      { name: 'S3_BUCKET', value: '$(TEAM)-ledger' },
      { name: 'TARGET', value: 's3://$(S3_BUCKET)/x' },
    ];
    expect(inContainer({ env })).toEqual([
      'payments-ledger at env[1].value',
      'payments-ledger at env[2].value',
    ]);
  });

  it('warns of a value whose expansion no kernel would take', () => {
    const env = [
      { name: 'V0', value: 'x'.repeat(1000) },
      { name: 'V1', value: '$(V0)'.repeat(1000) },
      { name: 'S3_BUCKET', value: '$(V1)' },
    ];
    expect(inContainer({ env })).toEqual(['? at env[2].value']);
  });

  it('reads a null valueFrom as none', () => {
    const env = [{ name: 'S3_BUCKET', value: 'foreign', valueFrom: null }];
    expect(inContainer({ env })).toEqual(['foreign at env[0].value']);
  });
});

describe('ConfigMaps taken as a whole', () => {
  const envFrom = [{ configMapRef: { name: 'app' } }, { secretRef: { name: 's' } }, null];

  it('may hold bucket names', () => {
    const { hidden } = findIn(aPodWith({ envFrom }));
    expect(hidden).toEqual([
      { path: ['spec', 'containers', 0, 'envFrom', 0, 'configMapRef'], configMap: 'app' },
    ]);
  });

  it('are of no interest once the pod states its buckets', () => {
    const annotations = { 'bucketwarden.io/buckets': '' };
    const containers = [{ name: 'a', image: 'a', envFrom }];
    expect(findIn(aPod({ metadata: { annotations }, spec: { containers } })).hidden).toEqual([]);
  });
});

describe('the command line', () => {
  it.each([
    [{ args: ['--bucket=ledger'] }, ['ledger at args[0]']],
    [{ args: ['--bucket', 'ledger'] }, ['ledger at args[1]']],
    [{ args: ['--bucket', 'ledger/2027', '--x'] }, ['ledger at args[1]']],
    [{ args: ['--bucket', '--verbose'] }, []],
    [{ args: ['--bucket'] }, []],
    [{ args: ['--buckets=0.1,0.5'] }, []],
    [{ args: ['--rate-limit-bucket=ledger'] }, []],
    [{ command: ['tool', '--bucket=ledger'] }, ['ledger at command[1]']],
    [{ command: ['tool', '--bucket'], args: ['ledger'] }, ['ledger at args[0]']],
    [{ args: ['s3://ledger/x'] }, ['ledger at args[0]']],
    [{ args: ['--source=s3://ledger/x'] }, ['ledger at args[0]']],
    [
      { command: ['sh', '-c', 'tool --bucket ledger && tool --bucket=two-b'] },
      ['ledger at command[2]', 'two-b at command[2]'],
    ],
    [{ command: ['sh', '-c', 'tool --bucket="ledger"; done'] }, ['ledger at command[2]']],
    [{ command: ['sh', '-c', "tool --bucket 'ledger'"] }, ['ledger at command[2]']],
    [{ command: ['sh', '-c', 'tool --bucket'], args: ['ledger'] }, ['ledger at args[0]']],
    [{ command: ['sh', '-c', 'aws s3 sync . s3://ledger/x --delete'] }, ['ledger at command[2]']],
    [{ command: ['sh', '-c', 'aws s3 cp x s3://$TARGET/'] }, ['? at command[2]']],
    [{ args: ['--bucket=$(UNKNOWN)'] }, ['? at args[0]']],
    [{ args: ['--bucket=$$(NAME)'] }, ['? at args[0]']],
    [{ args: [7, null, ['--bucket'], { '--bucket': 'x' }] }, []],
    [{ command: ['sh', '-c', "aws s3 ls s3:''//ledger"] }, ['ledger at command[2]']],
    [{ command: ['sh', '-c', 'aws s3 ls s3:/"/ledger"'] }, ['ledger at command[2]']],
    [{ command: ['sh', '-c', "x --buc''ket ledger"] }, ['ledger at command[2]']],
    [{ command: ['tini', '--', 'sh', '-c', 'x --buc\\ket ledger'] }, ['ledger at command[4]']],
    [{ command: ['sh', '-c', '"minio.storage.svc:9000"/ledger/x'] }, ['ledger at command[2]']],
    [{ command: ['sh', '-c', 'printf "s3://ledger\\nx" "\\"y"'] }, ['ledger at command[2]']],
    [{ command: ['nats', '--bucket', 'ledger'] }, []],
    [{ command: ['nats /../bin/aws', '--bucket', 'ledger'] }, ['ledger at command[2]']],
    [{ command: ['sh', '-c', 'echo a\u00a0#; aws s3 ls s3://ledger'] }, ['ledger at command[2]']],
  ])('%j', (container, expected) => {
    expect(inContainer(container)).toEqual(expected);
  });

  it.each([
    ['--bucket=$(NAME)', 'by the kubelet'],
    ['--bucket=${NAME}', 'by a shell'],
    ['s3://$NAME/x', 'in a URI'],
  ])('expands %s %s', (word) => {
    const container = { env: [{ name: 'NAME', value: 'ledger' }], args: [word] };
    expect(inContainer(container)).toEqual(['ledger at args[0]']);
  });

  it('follows a flag into a variable that holds a URI', () => {
    const env = [{ name: 'TARGET', value: 's3://ledger/x' }];
    expect(inContainer({ env, args: ['--bucket=$TARGET'] })).toEqual([
      'ledger at env[0].value',
      'ledger at args[0]',
    ]);
  });

  it('takes the later of two variables of one name', () => {
    const env = [
      { name: 'NAME', value: 'one-a' },
      { name: 'NAME', value: 'two-b' },
    ];
    expect(inContainer({ env, args: ['--bucket=$(NAME)'] })).toEqual(['two-b at args[0]']);
  });
});

describe('the rest of the pod', () => {
  it('is searched for URIs, with the environment of the container around them', () => {
    const hook = { exec: { command: ['sh', '-c', 'aws s3 mb s3://$NAME'] } };
    expect(
      inContainer({ env: [{ name: 'NAME', value: 'ledger' }], lifecycle: { postStart: hook } }),
    ).toEqual(['ledger at lifecycle.postStart.exec.command[2]']);
  });

  it('is searched in init containers, native sidecars, ephemeral containers and volumes', () => {
    const env = [{ name: 'S3_BUCKET', value: 'ledger' }];
    const pod = aPod({
      spec: {
        initContainers: [
          { name: 'a', env },
          { name: 'b', restartPolicy: 'Always', env },
        ],
        ephemeralContainers: [{ name: 'c', env }],
        volumes: [{ name: 'v', csi: { driver: 'x', volumeAttributes: { uri: 's3://ledger/x' } } }],
      },
    });
    expect(shown(findIn(pod))).toEqual([
      'ledger at spec.initContainers[0].env[0].value',
      'ledger at spec.initContainers[1].env[0].value',
      'ledger at spec.ephemeralContainers[0].env[0].value',
      'ledger at spec.volumes[0].csi.volumeAttributes.uri',
    ]);
  });

  it('counts each place once', () => {
    const pod = aPodWith({ args: ['--bucket=s3://ledger/x'] });
    expect(shown(findIn(pod))).toEqual(['ledger at spec.containers[0].args[0]']);
  });
});

describe('hostile pods', () => {
  test('never make it throw', fc.jsonValue({ maxDepth: 6 }), (value) => {
    findIn(isRecord(value) ? value : { metadata: value, spec: value });
  });

  const junk = fc.oneof(fc.jsonValue(), fc.constant('s3://x-y'), fc.constant('$(A)'), fc.string());
  const entry = fc.record({ name: junk, value: junk, valueFrom: junk }, { requiredKeys: [] });
  const list = <Value>(item: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
    fc.oneof(fc.array(fc.oneof(item, junk), { maxLength: 4 }), junk);
  const container = fc.record(
    {
      name: junk,
      env: list(entry),
      envFrom: junk,
      command: list(junk),
      args: list(junk),
      lifecycle: junk,
    },
    { requiredKeys: [] },
  );
  const pod = fc.record(
    {
      metadata: fc.record({ annotations: fc.oneof(fc.dictionary(fc.string(), junk), junk) }),
      spec: fc.record(
        {
          containers: list(container),
          initContainers: list(container),
          volumes: junk,
          serviceAccountName: junk,
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );

  test('never make it throw, close to real ones', pod, (value) => {
    findIn(value);
  });

  it.each([
    '{"spec": {"containers": null, "initContainers": 7}, "metadata": {"annotations": null}}',
    '{"spec": {"containers": [null, 7, "x", [], {"env": null, "args": null, "command": "x"}]}}',
    '{"spec": {"containers": [{"env": [{"name": "__proto__", "value": "x"}, {"name": "constructor"}]}]}}',
    '{"spec": {"__proto__": {"containers": []}, "constructor": "s3://"}, "__proto__": null}',
  ])('are read as naming nothing: %s', (json) => {
    const value: unknown = JSON.parse(json);
    expect(shown(findIn(isRecord(value) ? value : {}))).toEqual([]);
  });

  it('does not take prototype names for variables', () => {
    expect(inContainer({ args: ['--bucket=$(constructor)', '--bucket=${__proto__}'] })).toEqual([
      '? at args[0]',
      '? at args[1]',
    ]);
  });
});
