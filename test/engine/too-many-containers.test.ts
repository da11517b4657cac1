import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { mutate } from '../../src/engine/admit.ts';
import { limits } from '../../src/limits.ts';
import { aConfig, aDeployment, anEngine, aPod, aRequest } from '../builders.ts';
import { inNamespace, messageFor } from './questions.ts';

const engine = anEngine();

function containers(count: number, prefix = 'c'): JsonRecord[] {
  return Array.from({ length: count }, (_, index) => ({ name: `${prefix}${index}`, image: 'a:1' }));
}

const advice = '(all lists together); at most 300 are allowed. Divide them among several pods';

describe('more containers than any real pod has', () => {
  const pod = aPod({ spec: { containers: containers(20_000) } });

  it('are denied, saying where and how many', async () => {
    expect(await messageFor(aRequest({ object: pod }))).toBe(
      `Pod "payments/report": spec: has 20000 containers ${advice}`,
    );
  });

  it('get no patch', async () => {
    expect((await mutate(aRequest({ object: pod }), engine)).patch).toEqual([]);
  });

  it.each(['default', 'cert-manager'])('are denied in %s, which is of no tenant', async (name) => {
    const config = aConfig({ infrastructureNamespaces: ['cert-manager'] });
    const request = aRequest({ object: inNamespace(pod, name) });
    expect(await messageFor(request, anEngine({ config }))).toBe(
      `Pod "${name}/report": spec: has 20000 containers ${advice}`,
    );
  });

  it('are counted over all lists', async () => {
    const spec = {
      initContainers: containers(100, 'init'),
      containers: containers(150),
      ephemeralContainers: containers(50, 'debug'),
    };
    expect(await messageFor(aRequest({ object: aPod({ spec }) }))).not.toContain('at most 300');
    const more = aPod({ spec: { ...spec, ephemeralContainers: containers(51, 'debug') } });
    expect(await messageFor(aRequest({ object: more }))).toBe(
      `Pod "payments/report": spec: has 301 containers ${advice}`,
    );
  });

  it('are counted in templates, too', async () => {
    const spec = { containers: containers(limits.maxContainers + 1) };
    const object = aDeployment({}, { spec: { template: { spec } } });
    expect(await messageFor(aRequest({ object }))).toBe(
      `Deployment "payments/report": spec.template.spec: has 301 containers ${advice}`,
    );
  });

  it('are counted before anything is read: entries that are not objects are entries', async () => {
    const spec = { containers: Array.from({ length: 301 }, () => null) };
    expect(await messageFor(aRequest({ object: aPod({ spec }) }))).toBe(
      `Pod "payments/report": spec: has 301 containers ${advice}`,
    );
  });
});

describe('an object that has had too many containers all along', () => {
  const spec = { containers: containers(400) };
  const before = aPod({ spec, metadata: { finalizers: ['example.com/a'] } });

  it('may lose its finalizers', async () => {
    expect(await messageFor(aRequest({ object: aPod({ spec }), oldObject: before }))).toBe('');
  });

  it.each([
    ['containers', aPod({ spec: { containers: containers(401) } })],
    ['annotations', aPod({ spec, metadata: { annotations: { 'bucketwarden.io/tenant': 'x' } } })],
    ['labels', aPod({ spec, metadata: { labels: { a: 'b' } } })],
  ])('may not change its %s', async (_what, object) => {
    expect(await messageFor(aRequest({ object, oldObject: before }))).toContain('at most 300');
  });
});
