import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { mutate } from '../../src/engine/admit.ts';
import { anEngine, aRequest } from '../builders.ts';
import { injected } from './admission-cycle.ts';

const engine = anEngine();

function anIstioObject(kind: string, spec: unknown, namespace = 'payments'): JsonRecord {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind,
    metadata: { name: 'x', namespace },
    spec,
  };
}

async function exportToOf(object: JsonRecord): Promise<unknown> {
  const { spec } = await injected(aRequest({ object }), engine);
  return typeof spec === 'object' && spec !== null && 'exportTo' in spec
    ? spec.exportTo
    : undefined;
}

describe('exportTo', () => {
  it.each([
    ['ServiceEntry', { hosts: ['api.payments.example.com'] }],
    ['ServiceEntry', { hosts: ['api.payments.example.com'], exportTo: [] }],
    ['ServiceEntry', { hosts: ['api.payments.example.com'], exportTo: null }],
    ['ServiceEntry', {}],
    ['VirtualService', { hosts: ['pay.example.com'] }],
    ['DestinationRule', { host: 'api.payments.example.com' }],
  ])('of a %s %j becomes the own namespace', async (kind, spec) => {
    expect(await exportToOf(anIstioObject(kind, spec))).toEqual(['.']);
  });

  it.each([
    ['ServiceEntry', { hosts: ['api.payments.example.com'], exportTo: ['*'] }, ['*']],
    ['VirtualService', { hosts: ['ledger.payments.svc.cluster.local'] }, undefined],
    ['VirtualService', { hosts: ['ledger'] }, undefined],
    ['DestinationRule', { host: 'ledger.payments.svc.cluster.local' }, undefined],
  ])('of a %s %j stays as written', async (kind, spec, expected) => {
    expect(await exportToOf(anIstioObject(kind, spec))).toEqual(expected);
  });

  it.each([null, 7, 'x', []])('is not added to a spec that is %j', async (spec) => {
    const request = aRequest({ object: anIstioObject('ServiceEntry', spec) });
    expect((await mutate(request, engine)).patch).toEqual([]);
  });

  it('stays as written outside tenants', async () => {
    const object = anIstioObject('ServiceEntry', { hosts: ['a.example.com'] }, 'free');
    expect((await mutate(aRequest({ object }), engine)).patch).toEqual([]);
  });

  it('is filled on UPDATE too, and never on a status', async () => {
    const object = anIstioObject('ServiceEntry', { hosts: ['a.example.com'] });
    const update = aRequest({ object, oldObject: object });
    expect((await mutate(update, engine)).patch).toHaveLength(1);
    expect((await mutate({ ...update, subResource: 'status' }, engine)).patch).toEqual([]);
  });
});
