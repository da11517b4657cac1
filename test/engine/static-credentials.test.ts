import { describe, expect, it } from 'vitest';
import { formatPath } from '../../src/admission/field-path.ts';
import type { JsonRecord } from '../../src/admission/json.ts';
import { admit } from '../../src/engine/admit.ts';
import { aDeployment, anEngine, aRequest } from '../builders.ts';
import { messageFor } from './questions.ts';

const engine = anEngine();

async function found(container: JsonRecord): Promise<string[]> {
  const { decision } = await admit(aRequest({ object: aDeployment(container) }), engine);
  return [...decision.denied, ...decision.warned]
    .filter(({ finding }) => finding.rule.id === 'static-credentials')
    .map(({ finding, actions }) => {
      const path = formatPath(finding.violation.path).replace(
        'spec.template.spec.containers[0].',
        '',
      );
      return `${actions.join('+')} ${path}`;
    });
}

describe('static credentials', () => {
  it.each([
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'aws_access_key_id',
    'MINIO_ACCESS_KEY',
    'MINIO_ROOT_PASSWORD',
    'S3_SECRET_KEY',
    'AWS_PROFILE',
    'AWS_SHARED_CREDENTIALS_FILE',
  ])('are seen in the variable %s, literal or from elsewhere', async (name) => {
    const valueFrom = { secretKeyRef: { name: 's', key: 'k' } };
    expect(await found({ env: [{ name, value: 'x' }] })).toEqual(['Deny env[0].name']);
    expect(await found({ env: [{ name, valueFrom }] })).toEqual(['Deny env[0].name']);
  });

  it.each([
    's3://user:key@bucket/x',
    's3://$(USER):$(KEY)@minio.storage.svc:9000/x',
    'https://user:key@minio.storage.svc:9000/payments-ledger',
    'https://user:key@payments-ledger.minio.storage.svc:9000/x',
    'tool --url=s3a://user:key@bucket/x',
  ])('are seen in the URL %s', async (url) => {
    expect(await found({ args: [url] })).toEqual(['Deny args[0]']);
    expect(await found({ env: [{ name: 'URL', value: url }] })).toEqual(['Deny env[0].value']);
  });

  it('in a URL never come back in the message', async () => {
    const object = aDeployment({ args: ['s3://user:hunter2@payments-ledger/x'] });
    const message = await messageFor(aRequest({ object }));
    expect(message).toContain('args[0]: has credentials in a URL. ');
    expect(message).not.toMatch(/hunter2|user/);
  });

  it('may hide in a Secret taken whole, which only warns', async () => {
    expect(
      await found({
        envFrom: [{ secretRef: { name: 'keys' } }, { prefix: 'A_', secretRef: { name: 'b' } }],
      }),
    ).toEqual(['Warn envFrom[0].secretRef', 'Warn envFrom[1].secretRef']);
  });

  it.each([
    [{ env: [{ name: 'DB_PASSWORD', value: 'x' }] }],
    [{ env: [{ name: 'AWS_REGION', value: 'eu' }] }],
    [{ env: [{ name: 'AWS_PROFILE', value: '' }, { name: 'AWS_PROFILE' }] }],
    [
      {
        env: [
          { name: 'AWS_CONFIG_FILE', value: '' },
          { name: 'AWS_CONFIG_FILE' },
          { name: 'AWS_SHARED_CREDENTIALS_FILE', value: '/dev/null' },
          { name: 'MC_HOST_store', value: 'https://minio.storage.svc:9000' },
        ],
      },
    ],
    [{ args: ['MC_HOST_store=https://minio.storage.svc:9000 mc ls store'] }],
    [{ args: ["export MC_HOST_store='https://minio.storage.svc:9000'; mc ls store"] }],
    [{ args: ['AWS_SHARED_CREDENTIALS_FILE=/dev/null x'] }],
    [{ args: ['aws configure set region eu; aws configure set aws_secret_access_key ""'] }],
    [{ args: ['x(aws_secret_access_key = keys["SecretAccessKey"])'] }],
    [{ envFrom: [{ configMapRef: { name: 'x' } }] }],
    [{ args: ['https://user:key@files.example.com/x', 's3://anonymous@payments-ledger/x'] }],
    [{ env: null, envFrom: [null, 7, { secretRef: null }] }],
  ])('are not seen in %j', async (container) => {
    expect(await found(container)).toEqual([]);
  });

  it('are seen in a profile or file from elsewhere', async () => {
    const valueFrom = { configMapKeyRef: { name: 'aws', key: 'profile' } };
    const env = [
      { name: 'AWS_PROFILE', valueFrom },
      { name: 'AWS_CONFIG_FILE', value: '', valueFrom },
      { name: 'MC_HOST_store', value: 'https://minio.storage.svc:9000', valueFrom },
      { name: 'AWS_SHARED_CREDENTIALS_FILE', value: '/dev/nul' },
      { name: 'AWS_PROFILE', value: '/dev/null' },
    ];
    expect(await found({ env })).toEqual(env.map((_, index) => `Deny env[${index}].name`));
  });

  it.each([
    'https://KEY:SECRET@minio.storage.svc:9000',
    'https://KEY:SEC/RET@minio.storage.svc:9000',
    'https://$(KEYS)@minio.storage.svc:9000',
  ])('are seen in the host %s for mc', async (value) => {
    expect(await found({ env: [{ name: 'MC_HOST_store', value }] })).toContain('Deny env[0].name');
    expect(await found({ args: [`MC_HOST_store=${value} mc ls`] })).toContain('Deny args[0]');
  });

  const env = [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }];

  it.each([
    ['Deny', 'export AWS_SECRET_ACCESS_KEY=x'],
    ['Deny', 'export AWS_SECRET_ACCESS_KEY=$(KEY)'],
    ['Deny', 'export AWS_SECRET_ACCESS_KEY="$KEY"'],
    ['Deny', 'export AWS_SECRET_ACCESS_KEY=${KEY:-x}'],
    ['Deny', 'export AWS_SECRET_ACCESS_KEY=$1'],
    ['Deny', "export AWS_SECRET_ACCESS_KEY=$'x'"],
    ['Deny', 'export AWS_SECRET_ACCESS_KEY=\u00a0x'],
    ['Warn', 'export AWS_SECRET_ACCESS_KEY=$(sts)'],
    ['Warn', 'export AWS_SECRET_ACCESS_KEY=$AK'],
    ['Warn', 'export MC_HOST_store=$(host)'],
    ['Warn', 'export AWS_SECRET_ACCESS_KEY="${AK}"'],
    ['Deny', 'aws configure set aws_secret_access_key x'],
    ['Deny', 'aws configure set profile.a.aws_access_key_id x --profile a'],
    ['Deny', 'aws configure --profile a set aws_session_token $KEY'],
    ['Warn', 'aws configure set aws_access_key_id "$AK"'],
    ['Deny', 'cat >~/.aws/credentials <<EOF\n[default]\naws_secret_access_key = x\nEOF'],
    ['Deny', 'cat >~/.aws/credentials <<EOF\n[default]\naws_secret_access_key =$KEY\nEOF'],
    ['Warn', 'cat >~/.aws/credentials <<EOF\n[default]\naws_secret_access_key = $AK\nEOF'],
    ['Deny', "printf '[default]\\naws_access_key_id = x' >~/.aws/credentials"],
    ['Deny', "printf '[default]\\naws_access_key_id=x' >~/.aws/credentials"],
  ])('%s in the script %j', async (action, script) => {
    const container = { command: ['sh', '-c'], args: [script], env };
    expect(await found(container)).toEqual([`${action} args[0]`]);
  });

  it('are seen in the words of aws configure', async () => {
    const command = ['aws', 'configure', 'set', 'aws_secret_access_key'];
    expect(await found({ command, args: ['x'] })).toEqual(['Deny args[0]']);
    expect(await found({ command, args: ['$(KEY)'], env })).toEqual(['Deny args[0]']);
    expect(await found({ command, args: [''] })).toEqual([]);
    expect(await found({ command })).toEqual([]);
  });

  it('outside tenants are nobody’s business', async () => {
    const object = aDeployment(
      { env: [{ name: 'AWS_PROFILE', value: 'x' }] },
      { metadata: { namespace: 'free' } },
    );
    expect(await messageFor(aRequest({ object }))).toBe('');
  });
});
