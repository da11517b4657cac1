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
    'MC_HOST_store',
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
    [{ envFrom: [{ configMapRef: { name: 'x' } }] }],
    [{ args: ['https://user:key@files.example.com/x', 's3://anonymous@payments-ledger/x'] }],
    [{ env: null, envFrom: [null, 7, { secretRef: null }] }],
  ])('are not seen in %j', async (container) => {
    expect(await found(container)).toEqual([]);
  });

  it('are seen in a profile from elsewhere, and in an empty file name', async () => {
    const valueFrom = { configMapKeyRef: { name: 'aws', key: 'profile' } };
    const env = [
      { name: 'AWS_PROFILE', valueFrom },
      { name: 'AWS_CONFIG_FILE', value: '' },
    ];
    expect(await found({ env })).toEqual(['Deny env[0].name', 'Deny env[1].name']);
  });

  it('outside tenants are nobody’s business', async () => {
    const object = aDeployment(
      { env: [{ name: 'AWS_PROFILE', value: 'x' }] },
      { metadata: { namespace: 'free' } },
    );
    expect(await messageFor(aRequest({ object }))).toBe('');
  });
});
