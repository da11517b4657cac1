import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { warningText } from '../../src/engine/message.ts';
import { admit, type Engine } from '../../src/engine/admit.ts';
import { aConfig, anEngine, aPod, aPodWith, aRequest, recordAt } from '../builders.ts';
import { admitted, lossesIn } from './admission-cycle.ts';

const s3 = 'AWS_ENDPOINT_URL_S3';
const sts = 'AWS_ENDPOINT_URL_STS';

function engineFor(storage: JsonRecord): Engine {
  return anEngine({ config: aConfig({ storage }) });
}

const engine = engineFor({
  endpoints: ['https://minio.storage.svc:9000', 'https://s3.example.com', 'https://[fd00::1]:443'],
});
const separate = engineFor({
  endpoints: ['https://s3.example.com', 'https://minio.storage.svc:9000'],
  sts: { endpoint: 'https://sts.example.com/sts/store' },
});

interface Seen {
  readonly message: string;
  readonly warnings: readonly string[];
  /** What the container got under that name, in order. */
  readonly values: readonly unknown[];
}

/** What becomes of a pod that sets these variables; its own values must all be left in it. */
async function seen(env: readonly JsonRecord[], to: Engine = engine): Promise<Seen> {
  const pod = aPodWith({ env });
  const { object, decision } = await admitted(pod, to);
  expect(lossesIn(object, pod)).toEqual([]);
  const stored = recordAt(object, 'spec', 'containers', 0)['env'];
  const names = new Set(env.map(({ name }) => name));
  return {
    message: decision.message,
    warnings: decision.warned.map(warningText),
    values: (Array.isArray(stored) ? stored : [])
      .filter(({ name }: { name: unknown }) => names.has(name))
      .map(({ value }: { value: unknown }) => value),
  };
}

describe('an endpoint that is the store', () => {
  it.each([
    ['a slash behind it', s3, 'https://minio.storage.svc:9000/'],
    ['upper case', s3, 'HTTPS://MinIO.Storage.SVC:9000'],
    ['its second name', s3, 'https://s3.example.com'],
    ['its second name with the default port and a slash', s3, 'https://s3.example.com:443/'],
    ['its address', s3, 'https://[FD00:0::1]'],
    ['its second name for STS', sts, 'https://s3.example.com'],
  ])('passes with %s, and is not changed', async (_, name, value) => {
    expect(await seen([{ name, value }])).toEqual({ message: '', warnings: [], values: [value] });
  });

  it.each([
    ['another port', s3, 'https://minio.storage.svc:9001'],
    ['another scheme', s3, 'http://minio.storage.svc:9000'],
    ['no port', s3, 'https://minio.storage.svc'],
    ['another host', s3, 'https://s3.example.com.evil.example'],
    ['a path', s3, 'https://s3.example.com/other'],
    ['a path of dots', s3, 'https://s3.example.com/./'],
    ['a query', s3, 'https://s3.example.com/?x'],
    ['a fragment', s3, 'https://s3.example.com/#x'],
    ['a user', s3, 'https://user:word@s3.example.com'],
    ['the store as the user', s3, 'https://s3.example.com@evil.example'],
    ['a backslash', s3, 'https://s3.example.com\\@evil.example'],
    ['one slash', s3, 'https:/s3.example.com'],
    ['three slashes', s3, 'https:///s3.example.com'],
    ['no scheme', s3, 's3.example.com'],
    ['an escape', s3, 'https://s3%2eexample.com'],
    ['full-width letters', s3, 'https://\uFF53\uFF13.example.com'],
    ['a line break', s3, 'https://s3.exam\nple.com'],
    ['a blank in front', s3, ' https://s3.example.com'],
    ['a reference', s3, 'https://$(HOST)'],
    ['nothing', s3, ''],
    ['an impossible port', s3, 'https://s3.example.com:99999'],
  ])('is not recognised with %s', async (_, name, value) => {
    const { message } = await seen([{ name, value }]);
    const found = value.includes('@') ? 'another value' : JSON.stringify(value);
    expect(message).toContain(
      `spec.containers[0].env[0]: variable "AWS_ENDPOINT_URL_S3" is set to ${found}, but Bucketwarden injects "https://minio.storage.svc:9000". Remove the variable`,
    );
    expect(message).not.toContain('user:word');
  });

  it('is not recognised from elsewhere', async () => {
    const valueFrom = { configMapKeyRef: { name: 'store', key: 'endpoint' } };
    const { message } = await seen([{ name: s3, valueFrom }]);
    expect(message).toContain(
      'variable "AWS_ENDPOINT_URL_S3" comes from elsewhere, but Bucketwarden injects',
    );
  });

  it.each([
    ['https://sts.example.com/sts/store', ''],
    ['https://STS.example.com:443/sts/store', ''],
    // The path of an STS is exact: MinIO's Operator answers 404 with a slash behind it.
    ['https://sts.example.com/sts/store/', 'but Bucketwarden injects'],
    ['https://s3.example.com', 'but Bucketwarden injects'],
    ['https://sts.example.com', 'but Bucketwarden injects'],
  ])('has a separate STS under its own name only: %s', async (value, reason) => {
    const { message } = await seen([{ name: sts, value }], separate);
    if (reason === '') expect(message).toBe('');
    else
      expect(message).toContain(`variable "AWS_ENDPOINT_URL_STS" is set to "${value}", ${reason}`);
  });

  it('still has everything else injected beside it', async () => {
    const pod = aPodWith({ env: [{ name: s3, value: 'https://s3.example.com/' }] });
    const { object } = await admitted(pod, engine);
    const plain = await admitted(aPod(), engine);
    const names = (of: JsonRecord): Set<unknown> => {
      const env = recordAt(of, 'spec', 'containers', 0)['env'];
      return new Set((Array.isArray(env) ? env : []).map(({ name }: { name: unknown }) => name));
    };
    expect(names(object)).toEqual(names(plain.object));
  });
});

describe('a region of the author’s own', () => {
  it.each(['AWS_REGION', 'AWS_DEFAULT_REGION'])('as %s is kept with a warning', async (name) => {
    expect(await seen([{ name, value: 'eu-west-1' }])).toEqual({
      message: '',
      warnings: [
        `storage-identity: spec.containers[0].env[0]: variable "${name}" is "eu-west-1"; the store's region is "us-east-1"`,
      ],
      values: ['eu-west-1'],
    });
  });

  it('is kept when it comes from elsewhere', async () => {
    const valueFrom = { configMapKeyRef: { name: 'aws', key: 'region' } };
    expect((await seen([{ name: 'AWS_REGION', valueFrom }])).warnings).toEqual([
      'storage-identity: spec.containers[0].env[0]: variable "AWS_REGION" comes from elsewhere; the store\'s region is "us-east-1"',
    ]);
  });

  it('is nothing to warn of when it is the store’s', async () => {
    const env = [{ name: 'AWS_REGION', value: 'us-east-1' }];
    expect(await seen(env)).toEqual({ message: '', warnings: [], values: ['us-east-1'] });
  });

  it('hides no missing identity', async () => {
    const object = aPodWith({ env: [{ name: 'AWS_REGION', value: 'eu-west-1' }] });
    const { decision } = await admit(aRequest({ object }), engine);
    expect(decision.message).toContain('metadata: the storage identity was not injected. ');
  });

  it('hides no contradiction beside it', async () => {
    const { message } = await seen([
      { name: 'AWS_REGION', value: 'eu-west-1' },
      { name: 'AWS_ROLE_ARN', value: 'other' },
    ]);
    expect(message).toContain('spec.containers[0].env[1]: variable "AWS_ROLE_ARN"');
  });
});
