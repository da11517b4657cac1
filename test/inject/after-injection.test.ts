import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { admit, mutate } from '../../src/engine/admit.ts';
import { anEngine, aPod, aRequest, recordAt } from '../builders.ts';
import { injected } from './admission-cycle.ts';
import { annotationsOf } from './expected-identity.ts';

const engine = anEngine();

describe('what is missing', () => {
  async function judge(object: JsonRecord): Promise<{ message: string; warnings: number }> {
    const { decision } = await admit(aRequest({ object }), engine);
    return { message: decision.message, warnings: decision.warned.length };
  }
  const retry =
    'Create the pod again: the mutating webhook did not see it, or another webhook removed what it added';

  it('is denied when it is everything, with a hint to try again', async () => {
    expect((await judge(aPod())).message).toBe(
      'Pod "payments/report" of tenant "payments" breaks a rule:\n' +
        `- [storage-identity] metadata: the storage identity was not injected. ${retry}`,
    );
  });

  it('is named when it is a part', async () => {
    const pod = await injected(aRequest(), engine);
    const annotations = { ...annotationsOf(pod) };
    delete annotations['bucketwarden.io/attestation'];
    const spec = { ...recordAt(pod, 'spec'), volumes: [] };
    const { message } = await judge({
      ...pod,
      metadata: { ...recordAt(pod, 'metadata'), annotations },
      spec,
    });
    expect(message).toBe(
      'Pod "payments/report" of tenant "payments" breaks a rule:\n' +
        '- [storage-identity] metadata: parts of the storage identity are missing: ' +
        `bucketwarden.io/attestation, volume "bucketwarden-identity". ${retry}`,
    );
  });

  it('only warns when it is one late container', async () => {
    const pod = await injected(aRequest(), engine);
    const containers = [recordAt(pod, 'spec', 'containers', 0), { name: 'late', image: 'late:1' }];
    expect(await judge({ ...pod, spec: { ...recordAt(pod, 'spec'), containers } })).toEqual({
      message: '',
      warnings: 1,
    });
  });

  it('is denied when every container lost it', async () => {
    const pod = await injected(aRequest(), engine);
    const containers = [{ name: 'report', image: 'report:1' }];
    expect(
      (await judge({ ...pod, spec: { ...recordAt(pod, 'spec'), containers } })).message,
    ).toContain(
      'spec.containers[0]: container "report" came after injection and has no storage identity',
    );
  });
});

describe('after creation', () => {
  async function update(
    change: (pod: JsonRecord) => JsonRecord,
    subResource = '',
  ): Promise<string> {
    const oldObject = await injected(aRequest(), engine);
    const request = aRequest({
      object: change(structuredClone(oldObject)),
      oldObject,
      subResource,
    });
    return (await admit(request, engine)).decision.message;
  }
  const withAnnotation =
    (key: string, value: string | undefined) =>
    (pod: JsonRecord): JsonRecord => {
      const annotations = { ...annotationsOf(pod), [key]: value };
      return {
        ...pod,
        metadata: {
          ...recordAt(pod, 'metadata'),
          annotations: JSON.parse(JSON.stringify(annotations)) as unknown,
        },
      };
    };
  const withEphemeral =
    (env: readonly JsonRecord[]) =>
    (pod: JsonRecord): JsonRecord => ({
      ...pod,
      spec: { ...recordAt(pod, 'spec'), ephemeralContainers: [{ name: 'debug', env }] },
    });

  it('labels, finalizers and foreign annotations may change', async () => {
    expect(
      await update((pod) => ({
        ...pod,
        metadata: { ...recordAt(pod, 'metadata'), labels: { a: 'b' }, finalizers: [] },
      })),
    ).toBe('');
    expect(await update(withAnnotation('other.example.com/x', 'y'))).toBe('');
  });

  it.each([
    ['bucketwarden.io/tenant', 'analytics', 'was "payments" and cannot be changed to "analytics"'],
    ['bucketwarden.io/tenant', undefined, 'was "payments" and cannot be changed to absent'],
    ['bucketwarden.io/granted-buckets', 'x-y:rw', 'was absent and cannot be changed to "x-y:rw"'],
  ])('%s may not become %s', async (key, value, reason) => {
    expect(await update(withAnnotation(key, value))).toContain(
      `metadata.annotations["${key}"]: ${reason}. `,
    );
  });

  it('an ephemeral container may come without an identity', async () => {
    expect(await update(withEphemeral([]), 'ephemeralcontainers')).toBe('');
  });

  it('an ephemeral container may not bring a wrong one', async () => {
    expect(
      await update(
        withEphemeral([{ name: 'AWS_ROLE_ARN', value: 'other' }]),
        'ephemeralcontainers',
      ),
    ).toContain(
      'spec.ephemeralContainers[0].env[0]: variable "AWS_ROLE_ARN" is set to "other", but Bucketwarden injects',
    );
  });

  it('a pod from before the installation stays as it is', async () => {
    const request = aRequest({
      object: aPod({ metadata: { labels: { a: 'b' } } }),
      oldObject: aPod(),
    });
    expect((await admit(request, engine)).decision.message).toBe('');
  });

  it('nothing is injected', async () => {
    expect((await mutate(aRequest({ object: aPod(), oldObject: aPod() }), engine)).patch).toEqual(
      [],
    );
  });
});
