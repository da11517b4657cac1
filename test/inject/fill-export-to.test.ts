import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { admit, mutate } from '../../src/engine/admit.ts';
import { warningText } from '../../src/engine/message.ts';
import { messageFor } from '../engine/questions.ts';
import { aConfig, anEngine, aRequest, aTenant } from '../builders.ts';
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

  it('is filled on UPDATE when the spec changes, and never on a status', async () => {
    const oldObject = anIstioObject('ServiceEntry', { hosts: ['a.example.com'] });
    const object = anIstioObject('ServiceEntry', { hosts: ['b.example.com'] });
    const update = aRequest({ object, oldObject });
    expect((await mutate(update, engine)).patch).toHaveLength(1);
    expect((await mutate({ ...update, subResource: 'status' }, engine)).patch).toEqual([]);
  });

  it('is left alone when an UPDATE leaves the spec alone, such as the removal of a finalizer', async () => {
    const oldObject = anIstioObject('ServiceEntry', { hosts: ['a.example.com'] });
    const metadata = { name: 'x', namespace: 'payments', finalizers: [] };
    const update = aRequest({ object: { ...oldObject, metadata }, oldObject });
    expect((await mutate(update, engine)).patch).toEqual([]);
  });
});

describe('exportTo outside tenants', () => {
  it.each([
    ['ServiceEntry', { hosts: ['a.example.com'] }],
    ['VirtualService', { hosts: ['minio.storage.svc.cluster.local'] }],
    ['VirtualService', { hosts: ['*cluster.local'], gateways: ['mesh', 'istio-system/public'] }],
    ['DestinationRule', { host: 'a.example.com' }],
  ])('of a %s %j becomes the own namespace', async (kind, spec) => {
    expect(await exportToOf(anIstioObject(kind, spec, 'free'))).toEqual(['.']);
  });

  it.each([
    ['VirtualService', { hosts: ['web'] }],
    ['VirtualService', { hosts: ['web.example.com'], gateways: ['istio-system/public'] }],
    ['VirtualService', { http: [] }],
  ])('of a %s %j stays as written', async (kind, spec) => {
    expect(await exportToOf(anIstioObject(kind, spec, 'free'))).toBeUndefined();
  });

  it('stays as written in the namespaces of store and mesh, and where nothing is judged', async () => {
    const spec = { hosts: ['a.example.com'] };
    for (const namespace of ['storage', 'istio-system', 'kube-system']) {
      expect(await exportToOf(anIstioObject('ServiceEntry', spec, namespace))).toBeUndefined();
    }
    const config = aConfig({ untenanted: { hosts: 'None' } });
    const request = aRequest({ object: anIstioObject('ServiceEntry', spec, 'free') });
    expect((await mutate(request, anEngine({ config }))).patch).toEqual([]);
  });
});

describe('exportTo of a VirtualService for ingress hosts', () => {
  const tenant = aTenant({
    namespaces: ['payments', 'payments-web'],
    ingress: { hosts: ['pay.example.com'] },
  });
  const config = aConfig({ mesh: { gatewayNamespaces: ['istio-ingress'] } });
  const ingress = anEngine({ tenants: [tenant], config });

  const homes = ['.', 'istio-ingress', 'istio-system'];

  it.each([
    [['istio-system/public'], homes],
    [['own'], homes],
    [['./own'], homes],
    [['istio-ingress/public', 'own'], homes],
    [['public.istio-system.svc.cluster.local'], homes],
    [['istio-system/public', 'mesh'], homes],
    [['payments-web/public'], [...homes, 'payments-web']],
  ])('bound to %j becomes %j, and is allowed', async (gateways, expected) => {
    const object = anIstioObject('VirtualService', { hosts: ['pay.example.com'], gateways });
    const after = await injected(aRequest({ object }), ingress);
    expect(after).toMatchObject({ spec: { exportTo: expected } });
    expect(await messageFor(aRequest({ object: after }), ingress)).toBe('');
  });

  it('is filled beside a Service of the own namespace, too', async () => {
    const hosts = ['pay.example.com', 'ledger.payments.svc.cluster.local'];
    const object = anIstioObject('VirtualService', { hosts, gateways: ['istio-system/public'] });
    expect(await injected(aRequest({ object }), ingress)).toMatchObject({
      spec: { exportTo: homes },
    });
  });

  it('is denied for a gateway in a namespace that is not known for gateways, instead of vanishing', async () => {
    const spec = { hosts: ['pay.example.com'], gateways: ['edge/public'] };
    const object = anIstioObject('VirtualService', spec);
    const after = await injected(aRequest({ object }), ingress);
    expect(await messageFor(aRequest({ object: after }), ingress)).toBe(
      'VirtualService "payments/x" of tenant "payments" breaks a rule:\n' +
        '- [export-scope] spec.gateways: "edge/public" is in a namespace that is not known for gateways. ' +
        'Have the platform team add the namespace to mesh.gatewayNamespaces in the config',
    );
  });

  it('stays in the namespace for hosts that are not the ingress hosts of the tenant', async () => {
    const spec = { hosts: ['reports.example.com'], gateways: ['istio-system/public'] };
    const object = anIstioObject('VirtualService', spec);
    expect(await injected(aRequest({ object }), ingress)).toMatchObject({
      spec: { exportTo: ['.'] },
    });
    const request = aRequest({ object: await injected(aRequest({ object }), ingress) });
    expect((await admit(request, ingress)).decision.warned.map(warningText)).toEqual([
      'export-scope: spec.gateways: "istio-system/public" does not see it: its hosts are not all ingress hosts ' +
        'of the tenant',
    ]);
    const exported = anIstioObject('VirtualService', { ...spec, exportTo: ['istio-system'] });
    expect(await messageFor(aRequest({ object: exported }), ingress)).toContain(
      '[export-scope] spec.exportTo[0]: "istio-system" is neither a namespace of the tenant nor one that ' +
        'this object may be exported to',
    );
  });

  it('of a delegate becomes all namespaces of the tenant, so that they can refer to it', async () => {
    const object = anIstioObject('VirtualService', { http: [] });
    const after = await injected(aRequest({ object }), ingress);
    expect(after).toMatchObject({ spec: { exportTo: ['payments', 'payments-web'] } });
    expect(await messageFor(aRequest({ object: after }), ingress)).toBe('');
  });
});
