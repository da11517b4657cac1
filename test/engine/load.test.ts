import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { admit, mutate } from '../../src/engine/admit.ts';
import type { Decision } from '../../src/engine/decide.ts';
import { anEngine, aPod, aPodWith, aRequest, aServiceEntry, aTenant } from '../builders.ts';
import { costInParses, linearCost } from '../cpu-time.ts';
import { messageFor } from './questions.ts';

/** /mutate sees what users send before the API server has validated it: 3 MiB of anything. */
const buckets = Array.from({ length: 256 }, (_, index) => ({ name: `payments-bucket-${index}` }));
const engine = anEngine({ tenants: [aTenant({ buckets })] });

function times<Value>(count: number, value: Value): Value[] {
  return Array.from({ length: count }, () => value);
}

function withProxies(count: number): JsonRecord {
  const status = JSON.stringify({ containers: times(count, 'x') });
  return aPod({
    metadata: { annotations: { 'sidecar.istio.io/status': status } },
    spec: { containers: times(count, { name: 'istio-proxy', image: 'docker.io/istio/proxyv2' }) },
  });
}

describe('a large pod that nobody would write costs no more than its size, with', () => {
  it.each([
    ['one text full of URIs', aPodWith({ args: ['s3://aaa '.repeat(40_000)] })],
    [
      'an unknown bucket before a long word',
      aPodWith({ args: [`s3://{b}/x,${'a'.repeat(200_000)}`] }),
    ],
    ['URIs in many arguments', aPodWith({ args: times(25_000, 's3://aaa') })],
    [
      'many bucket variables',
      aPodWith({ env: times(40_000, { name: 'S3_BUCKET', value: 'abc' }) }),
    ],
    [
      'a long list in a bucket variable',
      aPodWith({ env: [{ name: 'S3_BUCKET', value: 'abc '.repeat(300_000) }] }),
    ],
    ['many flags', aPodWith({ args: ['--bucket abc '.repeat(40_000)] })],
    [
      'many expansions',
      aPodWith({
        env: [{ name: 'A', value: 'x'.repeat(1_000) }],
        args: times(30_000, '$(A)$A s3://x'),
      }),
    ],
    [
      'many requests',
      aPod({ metadata: { annotations: { 'bucketwarden.io/buckets': 'abc,'.repeat(300_000) } } }),
    ],
    ['many containers under the proxy’s name', withProxies(30_000)],
    [
      'many variables under our names',
      aPodWith({ env: times(40_000, { name: 'AWS_ROLE_ARN', value: 'x' }) }),
    ],
    ['many static keys', aPodWith({ env: times(60_000, { name: 'AWS_PROFILE' }) })],
    ['a long host', aPodWith({ args: [`https://${'a.'.repeat(700_000)}`] })],
    ['a long name', aPodWith({ args: [`--bucket=${'a-'.repeat(700_000)}`] })],
    [
      'variables that never end',
      aPodWith({ args: ['$('.repeat(700_000), `s3://x${'${'.repeat(100_000)}`] }),
    ],
  ])('%s', async (_, object) => {
    const request = aRequest({ object });
    const judge = async (): Promise<Decision> => {
      await mutate(request, engine);
      return (await admit(request, engine)).decision;
    };
    expect(await costInParses(JSON.stringify(object).length, judge)).toBeLessThan(linearCost);
    const decision = await judge();
    expect(decision.allowed).toBe(false);
    expect(decision.message.length).toBeLessThan(16_000);
  });
});

describe('more buckets than any workload names', () => {
  const granted = Array.from({ length: 1_000 }, (_, index) => `s3://payments-bucket-1/${index}`);

  it('are judged up to a limit, and what follows is denied, not overlooked', async () => {
    const object = aPodWith({ args: [...granted, 's3://foreign/x'] });
    const { decision } = await admit(aRequest({ object }), engine);
    expect(decision.message).toContain(
      '[bucket-outside-tenant] spec.containers[0].args[1000]: more than 1000 buckets are named; ' +
        'what follows cannot be judged. Name fewer buckets in one workload',
    );
  });

  it('are fine when they are the same in one script', async () => {
    const script = times(5_000, 'aws s3 cp x s3://payments-bucket-1/x').join('\n');
    const { decision } = await admit(aRequest({ object: aPodWith({ args: [script] }) }), engine);
    expect(decision.message).not.toContain('bucket-outside-tenant');
  });
});

describe('a list that no real object has', () => {
  const bad = (length: number): JsonRecord => aServiceEntry(Array.from({ length }, () => '*a'));

  it('is refused unread, before and after it was there', async () => {
    const refusal = 'spec.hosts has 10001 entries; at most 10000 are judged';
    expect(await messageFor(aRequest({ object: bad(10_001) }))).toBe(refusal);
    expect(await messageFor(aRequest({ object: bad(10_001), oldObject: bad(10_001) }))).toBe(
      refusal,
    );
  });

  it('is refused sooner when every host has to be converted', async () => {
    const hosts = (count: number): JsonRecord =>
      aServiceEntry(Array.from({ length: count }, (_, index) => `\u00fc${index}.example.org`));
    const endpoints = Array.from({ length: 257 }, () => ({ address: '\u00fc.example.org' }));
    expect(await messageFor(aRequest({ object: hosts(257) }))).toBe(
      'spec.hosts has 257 names outside ASCII; at most 256 are judged',
    );
    expect(await messageFor(aRequest({ object: aServiceEntry([], { endpoints }) }))).toBe(
      'spec.endpoints has 257 names outside ASCII; at most 256 are judged',
    );
    expect(await messageFor(aRequest({ object: hosts(256) }))).toContain('service-entry-host');
  });
});
