import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Decision } from '../../src/engine/decide.ts';
import { formatPath } from '../../src/admission/field-path.ts';
import {
  aConfig,
  aDeployment,
  anEngine,
  aPodWith,
  aRequest,
  aServiceEntry,
  recordAt,
} from '../builders.ts';

const engine = anEngine();

async function update(
  oldObject: JsonRecord,
  object: JsonRecord,
  subResource = '',
): Promise<Decision> {
  return (await admit(aRequest({ object, oldObject, subResource }), engine)).decision;
}

function shown({ denied, warned }: Decision): { denied: string[]; warned: string[] } {
  const paths = (outcomes: Decision['denied']): string[] =>
    outcomes.map(({ finding }) => `${finding.rule.id} ${formatPath(finding.violation.path)}`);
  return { denied: paths(denied), warned: paths(warned) };
}

const rule = 'service-entry-host';

describe('an UPDATE of a kind that harms others', () => {
  const store = ['minio.storage.svc.cluster.local'];

  it.each([
    ['finalizers', { metadata: { name: 'entry', namespace: 'payments', finalizers: [] } }],
    ['labels', { metadata: { name: 'entry', namespace: 'payments', labels: { a: 'b' } } }],
    ['the status', { status: { conditions: [] } }],
  ])('passes when it changes %s only', async (_, change) => {
    const before = aServiceEntry(store);
    expect(shown(await update(before, { ...before, ...change }))).toEqual({
      denied: [],
      warned: [],
    });
  });

  it('is judged whole when the spec changes: an old violation cannot be armed later', async () => {
    const before = aServiceEntry(store, { resolution: 'NONE' });
    const endpoints = [{ address: '10.0.0.1' }];
    const after = aServiceEntry(store, { resolution: 'STATIC', endpoints });
    expect(shown(await update(before, after))).toEqual({
      denied: [
        'service-entry-endpoint spec.endpoints[0].address',
        'service-entry-protected-host spec.hosts[0]',
      ],
      warned: [],
    });
  });

  it('is denied as long as one old violation is left', async () => {
    const before = aServiceEntry(['old.example.com', ...store]);
    const after = aServiceEntry(['old.example.com']);
    expect(shown(await update(before, after)).denied).toEqual([`${rule} spec.hosts[0]`]);
  });

  it('is allowed when it makes everything right', async () => {
    const decision = await update(
      aServiceEntry(store),
      aServiceEntry(['api.payments.example.com']),
    );
    expect(shown(decision)).toEqual({ denied: [], warned: [] });
  });

  it('is denied when a clean object becomes a bad one', async () => {
    const decision = await update(
      aServiceEntry(['api.payments.example.com']),
      aServiceEntry(['new.example.com']),
    );
    expect(shown(decision).denied).toEqual([`${rule} spec.hosts[0]`]);
  });

  it('is not exempt while the object is being deleted', async () => {
    const deleting = {
      deletionTimestamp: '2026-12-01T00:00:00Z',
      finalizers: ['x/y'],
      name: 'entry',
      namespace: 'payments',
    };
    const before = { ...aServiceEntry(['api.payments.example.com']), metadata: deleting };
    const after = { ...aServiceEntry(['new.example.com']), metadata: deleting };
    expect(shown(await update(before, after)).denied).toEqual([`${rule} spec.hosts[0]`]);
  });
});

describe('an UPDATE of a pod template', () => {
  const bad = { args: ['s3://not-granted/x'] };
  const path = 'spec.template.spec.containers[0].args[0]';

  it('passes when the template is the same: scaling, status, finalizers', async () => {
    const after = aDeployment(bad, {
      metadata: { finalizers: [] },
      spec: { replicas: { value: 3 } },
    });
    const scaled = { ...after, spec: { ...recordAt(aDeployment(bad), 'spec'), replicas: 3 } };
    expect(shown(await update(aDeployment(bad), scaled))).toEqual({ denied: [], warned: [] });
  });

  it.each([
    ['another image', aDeployment({ ...bad, image: 'report:2' })],
    [
      'another annotation of the template',
      aDeployment(bad, { template: { annotations: { restarted: 'now' } } }),
    ],
  ])('is judged whole when it changes: %s', async (_, after) => {
    expect(shown(await update(aDeployment(bad), after)).denied).toEqual([
      `bucket-outside-tenant ${path}`,
    ]);
  });

  it('is allowed when the change makes it right', async () => {
    expect(shown(await update(aDeployment(bad), aDeployment()))).toEqual({
      denied: [],
      warned: [],
    });
  });
});

describe('an UPDATE of a pod', () => {
  it('warns of a bucket it asked for before', async () => {
    const before = aPodWith({ args: ['s3://not-granted/x'] });
    const after = { ...before, metadata: { ...recordAt(before, 'metadata'), labels: { a: 'b' } } };
    expect(shown(await update(before, after))).toEqual({
      denied: [],
      warned: ['bucket-outside-tenant spec.containers[0].args[0]'],
    });
  });

  it('denies a debug container that asks for another one', async () => {
    const before = aPodWith({ args: ['s3://not-granted/x'] });
    const ephemeralContainers = [{ name: 'debug', args: ['s3://not-granted/x'] }];
    const after = { ...before, spec: { ...recordAt(before, 'spec'), ephemeralContainers } };
    expect(shown(await update(before, after, 'ephemeralcontainers'))).toEqual({
      denied: ['bucket-outside-tenant spec.ephemeralContainers[0].args[0]'],
      warned: ['bucket-outside-tenant spec.containers[0].args[0]'],
    });
  });

  it('denies a debug container that brings keys', async () => {
    const before = aPodWith({});
    const ephemeralContainers = [
      { name: 'debug', env: [{ name: 'AWS_ACCESS_KEY_ID', value: 'x' }] },
    ];
    const after = { ...before, spec: { ...recordAt(before, 'spec'), ephemeralContainers } };
    expect(shown(await update(before, after, 'ephemeralcontainers')).denied).toEqual([
      'static-credentials spec.ephemeralContainers[0].env[0].name',
    ]);
  });
});

describe('a template configured for a kind that has rules of its own', () => {
  it('does not take these away', async () => {
    const template = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      podSpec: 'spec.template.spec',
    };
    const to = anEngine({ config: aConfig({ detection: { templates: [template] } }) });
    const oldObject = aServiceEntry(['api.payments.example.com']);
    const object = aServiceEntry(['minio.storage.svc.cluster.local']);
    const { decision } = await admit(aRequest({ object, oldObject }), to);
    expect(shown(decision).denied).toContain('service-entry-protected-host spec.hosts[0]');
  });
});
