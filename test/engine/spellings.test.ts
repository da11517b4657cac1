import { describe, expect, it } from 'vitest';
import { formatPath } from '../../src/admission/field-path.ts';
import type { JsonRecord } from '../../src/admission/json.ts';
import { admit } from '../../src/engine/admit.ts';
import { aConfig, aDeployment, anEngine, aRequest, aTenant } from '../builders.ts';

const engine = anEngine({
  config: aConfig({
    storage: {
      endpoints: ['https://minio.storage.svc.cluster.local:9000', 'https://s3.example.com'],
    },
  }),
  tenants: [
    aTenant({ buckets: [{ name: 'ledger' }] }),
    aTenant({ name: 'analytics', namespaces: ['analytics'], buckets: [{ name: 'raw-data' }] }),
  ],
});

/** "args[0]: reason" for each denial of a pod with this container. */
async function denied(container: JsonRecord): Promise<string[]> {
  const { decision } = await admit(aRequest({ object: aDeployment(container) }), engine);
  return decision.denied.map(({ finding: { violation } }) => {
    const path = formatPath(violation.path).replace('spec.template.spec.containers[0].', '');
    return `${path}: ${violation.reason}`;
  });
}

const foreign = 'bucket "raw-data" is not granted';

function inShell(script: string, env: readonly JsonRecord[] = []): JsonRecord {
  return { env, command: ['sh', '-c', script] };
}

describe('G8: a foreign bucket is seen in an argument, in a variable and in a script:', () => {
  it.each([
    'https://minio%2Estorage.svc:9000/raw-data/x',
    'https://%6dinio.storage:9000/raw-data/x',
    'https://ｍｉｎｉｏ．storage:9000/raw-data/x',
    'https://minio。storage:9000/raw-data/x',
    'https:\\\\minio.storage:9000/raw-data',
    'https:/minio.storage:9000/raw-data',
    'https:///minio.storage:9000/raw-data',
    'https:minio.storage:9000/raw-data',
    '//minio.storage:9000/raw-data',
    'minio.storage:9000/raw-data/x',
    'minio%2estorage:9000/raw-data/x',
    's3.example.com/raw-data/x',
    's3.example.com./raw-data/x',
    'raw-data.s3.example.com/x',
    's3:s3.example.com/raw-data/x',
    'user@s3.example.com/raw-data',
    's3:/raw-data',
    's3:///raw-data/x',
    's3:\\\\raw-data/x',
    's3://raw%2Ddata/x',
    'arn:aws:s3:::raw-data/x',
    'arn:aws-cn:s3:::raw-data',
    'https://minio.storage:9000/ledger/a://../../raw-data/x',
    'https://minio.storage:9000/ledger\\..\\..\\./raw-data/x',
  ])('%s', async (text) => {
    const script = inShell(`tool '${text}' x`);
    expect((await denied({ args: ['--from', text] })).at(-1)).toBe(`args[1]: ${foreign}`);
    expect((await denied({ args: [`--from=${text}`] })).at(-1)).toBe(`args[0]: ${foreign}`);
    const env = [{ name: 'FROM', value: text }];
    expect((await denied({ env })).at(-1)).toBe(`env[0].value: ${foreign}`);
    expect((await denied(script)).at(-1)).toBe(`command[2]: ${foreign}`);
  });
});

describe('a backslash', () => {
  it.each([
    'https://MINIO.storage:9000\\raw-data\\x',
    'https:\\\\minio.storage:9000\\raw-data',
    'minio.storage:9000\\raw-data',
    's3:\\\\raw-data\\x',
    'https://minio.storage:9000/ledger\\..\\raw-data/x',
  ])('is a slash in the argument %s', async (text) => {
    expect(await denied({ args: [text] })).toContain(`args[0]: ${foreign}`);
  });

  it('that may be a line break behind the store hides what follows, which warns', async () => {
    const object = aDeployment(inShell('printf "see https://minio.storage:9000\\nfinished"'));
    const { decision } = await admit(aRequest({ object }), engine);
    expect(decision.denied).toEqual([]);
    expect(decision.warned.map(({ finding }) => finding.violation.reason)).toEqual([
      String.raw`"printf \"see https://minio.storage:9000\\nfinished\"" names a bucket that cannot be known before the container runs`,
    ]);
  });
});

describe('a foreign bucket is seen in a script that', () => {
  it.each([
    ['quotes its name', `tool --bucket "'raw-data'"`],
    ['quotes it after the sign', `tool --bucket='raw-data'`],
    ['quotes the flag', `tool "--bucket" raw-data`],
    ['goes on in the next line', 'tool --bucket \\\n  raw-data'],
    ['breaks the name over two lines', 'aws s3 ls s3://raw\\\n-data'],
    ['joins quoted parts', `aws s3 ls s3://raw"-data"/x`],
    ['escapes a letter', 'aws s3 ls s3://raw\\-data/x'],
    ['is in a subshell', '(tool --bucket raw-data)'],
    ['has a comment after a quote', "echo '\n# ' s3://raw-data/x"],
    ['has a comment after an escape', 'echo \\ # s3://raw-data/x'],
    ['has a here-document', 'xargs aws s3 ls <<EOF\n# s3://raw-data/x\nEOF'],
    ['names another program in a text', `aws --key 'a; influx b' --bucket raw-data`],
    ['runs another program before', 'influx write --bucket x; aws --bucket raw-data'],
    ['runs another program around', 'influx write --bucket $(aws --bucket raw-data)'],
    ['takes the store from a variable', 'curl $STORE/raw-data/x'],
    ['takes the host from a variable', 'curl -k https://${HOST}:9000/raw-data/x'],
  ])('%s', async (_, script) => {
    const env = [
      { name: 'STORE', value: 'https://minio.storage:9000' },
      { name: 'HOST', value: 'minio.storage' },
    ];
    expect((await denied(inShell(script, env))).at(-1)).toBe(`command[2]: ${foreign}`);
  });
});

describe('a foreign bucket is seen', () => {
  it('between quotes that a program takes off', async () => {
    expect(await denied({ args: ['--bucket', "'raw-data'"] })).toEqual([`args[1]: ${foreign}`]);
  });

  it('in the command of a hook or probe', async () => {
    const exec = { command: ['tool', '--bucket=raw-data'] };
    expect(await denied({ lifecycle: { preStop: { exec } }, livenessProbe: { exec } })).toEqual([
      `lifecycle.preStop.exec.command[1]: ${foreign}`,
      `livenessProbe.exec.command[1]: ${foreign}`,
    ]);
  });

  it('in an annotation or label that a variable takes it from', async () => {
    const object = {
      ...aDeployment({}),
      spec: {
        template: {
          metadata: { annotations: { 'acme.io/bucket': 'raw-data' }, labels: { b: 'ledger' } },
          spec: {
            containers: [
              {
                name: 'a',
                image: 'a',
                env: ["metadata.annotations['acme.io/bucket']", "metadata.labels['b']"].map(
                  (fieldPath) => ({ name: 'S3_BUCKET', valueFrom: { fieldRef: { fieldPath } } }),
                ),
              },
            ],
          },
        },
      },
    };
    const { decision } = await admit(aRequest({ object }), engine);
    expect(decision.message).toContain(`containers[0].env[0].valueFrom: ${foreign}`);
    expect(decision.denied).toHaveLength(1);
  });
});

describe('no bucket is seen in', () => {
  it.each([
    ['a path with the name of the store', { args: ['--ca=/certs/minio.storage.svc/tls.crt'] }],
    [
      'a longer host',
      { args: ['evilminio.storage:9000/raw-data', 's3.example.com.evil/raw-data'] },
    ],
    ['a URL elsewhere', { args: ['https://mirror.example.org/s3.example.com/raw-data'] }],
    ['an image of a registry at that name', { image: 's3.example.com/raw-data/x' }],
    ['a host without a path', { args: ['s3.example.com', 'minio.storage:9000', 'minio.storage/'] }],
    ['the flag of influx', { command: ['influx', 'write', '--bucket', 'metrics'] }],
    ['the flag of influx in the arguments', { args: ['influx', 'write', '--bucket=metrics'] }],
    ['the flag of influx in a script', inShell('set -e\ninflux write --bucket metrics -f x')],
    ['the flag of nats', { command: ['/usr/bin/nats'], args: ['kv', '--bucket=config'] }],
    ['the flag of couchbase', inShell('couchbase-cli bucket-edit -c x --bucket beer-sample')],
    ['a sentence', { args: ['sh', '-c', 'echo writing to s3://ledger.'] }],
    ['a sentence about the store', inShell('echo "see https://s3.example.com/ledger."')],
    ['the console at another port', { args: ['https://minio.storage:9001/browser/raw-data'] }],
    ['the console by name', { args: ['https://console.s3.example.com/browser/raw-data'] }],
    ['the console without a path', { args: ['https://console.s3.example.com'] }],
    ['a pod of the store', { args: ['https://minio-0.minio.storage.svc:9000/minio/health/live'] }],
    ['a comment', inShell('# aws s3 ls s3://raw-data/x\n  # --bucket raw-data\necho "a # b"')],
    ['a comment behind code', inShell("echo 'x' # s3://raw-data/x\ntrue")],
    ['a usage text', inShell('echo "usage: tool s3://BUCKET/KEY or s3://<bucket>/... s3://..."')],
    ['a usage text of a flag', inShell('echo "usage: tool --bucket NAME [--key KEY]"')],
    ['a name in a certificate', { args: ['subjectAltName=DNS:minio.storage.svc/foo'] }],
    ['a placeholder', { args: ['--bucket=YOUR_BUCKET_NAME'] }],
    ['a policy', { args: ['{"Resource":["arn:aws:s3:::*","arn:aws:s3:::ledger/*"]}'] }],
    ['a list of folders', { args: ['PATH=/bin:/usr/bin:/raw-data'] }],
    ['a drive of Windows', { args: ['C:\\raw-data\\x'] }],
  ])('%s', async (_, container) => {
    expect(await denied(container)).toEqual([]);
  });

  it.each([
    ['a plain argument that looks like a comment', { args: ['# s3://raw-data/x'] }],
    [
      'the script of a program that is not a shell',
      { command: ['node', '-e', '# s3://raw-data/'] },
    ],
    ['a pod of the store, by path', { args: ['https://minio-0.minio.storage:9000/raw-data/x'] }],
  ])('but it is in %s', async (_, container) => {
    expect((await denied(container)).some((text) => text.endsWith(foreign))).toBe(true);
  });
});

describe('static keys are seen in', () => {
  it.each([
    [inShell('export AWS_SECRET_ACCESS_KEY=abc'), '"AWS_SECRET_ACCESS_KEY" is a static credential'],
    [inShell('AWS_ACCESS_KEY_ID="A$ID" aws s3 ls'), '"AWS_ACCESS_KEY_ID" is a static credential'],
    [
      inShell('AWS_PROFILE=old aws s3 ls'),
      '"AWS_PROFILE" makes SDKs read credentials from a file first',
    ],
    [
      { args: ['--conf', 'spark.hadoop.fs.s3a.secret.key=abc'] },
      '"fs.s3a.secret.key" is a static credential',
    ],
    [
      { args: ['-Dfs.s3a.bucket.ledger.access.key=abc'] },
      '"fs.s3a.bucket.ledger.access.key" is a static credential',
    ],
    [inShell('mc alias set store https://x K S'), 'gives static credentials to mc'],
    [inShell('mc -q config host add store https://x $K $S'), 'gives static credentials to mc'],
    [
      { command: ['mc', 'alias', 'set', 's', 'https://x', 'K', 'S'] },
      'gives static credentials to mc',
    ],
    [{ args: ['alias', 'set', 's', 'https://x', 'K', 'S'] }, 'gives static credentials to mc'],
    [{ args: ['aws://key:secret@eu-central-1/x'] }, 'has credentials in a URL'],
    [{ args: ['https://$CREDS@minio.storage:9000'] }, 'has credentials in a URL'],
    [{ args: ['https://${CREDS}@s3.example.com/ledger'] }, 'has credentials in a URL'],
    [{ args: ['key:secret@s3.example.com/ledger'] }, 'has credentials in a URL'],
    [
      { env: [{ name: 'RCLONE_CONFIG_STORE_ACCESS_KEY_ID', value: 'x' }] },
      '"RCLONE_CONFIG_STORE_ACCESS_KEY_ID" is a static credential for rclone',
    ],
    [
      { env: [{ name: 'RCLONE_S3_SECRET_ACCESS_KEY', value: 'x' }] },
      '"RCLONE_S3_SECRET_ACCESS_KEY" is a static credential for rclone',
    ],
    [
      inShell('RCLONE_S3_SECRET_ACCESS_KEY=x rclone ls s:'),
      '"RCLONE_S3_SECRET_ACCESS_KEY" is a static credential for rclone',
    ],
    [
      { env: [{ name: 'JAVA_OPTS', value: '-Dfs.s3a.session.token=abc' }] },
      '"fs.s3a.session.token" is a static credential',
    ],
  ])('%j', async (container, reason) => {
    const found = await denied(container);
    expect(found.map((text) => text.replace(/^\S+: /, ''))).toEqual([reason]);
  });

  it.each([
    [inShell('unset AWS_SECRET_ACCESS_KEY; AWS_PROFILE= aws s3 ls')],
    [inShell('echo "set AWS_ACCESS_KEY_ID=<key> first"')],
    [inShell('MY_AWS_ACCESS_KEY_IDS=x; echo $AWS_SESSION_TOKEN')],
    [inShell('mc alias set store https://x; mc alias set store https://x "" ""; mc alias ls')],
    [inShell('export AWS_SESSION_TOKEN=$(my-sts-client --print token)')],
    [inShell('AWS_ACCESS_KEY_ID="$ID" aws s3 ls')],
    [{ args: ['--conf', 'spark.hadoop.fs.s3a.secret.key='] }],
    [{ args: ['https://$CREDS@files.example.com/x', 's3://$USER@eu-central-1/x'] }],
  ])('but not in %j', async (container) => {
    expect(await denied(container)).toEqual([]);
  });
});
