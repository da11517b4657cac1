import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import type { StorageTenant } from '../../src/declaration/storage-tenant.ts';
import { UnknownAnswerError } from '../../src/errors.ts';
import { limits } from '../../src/limits.ts';
import { connectCluster } from '../../src/kube/connect.ts';
import { TenantStore } from '../../src/kube/tenant-store.ts';
import type { ReflectorTiming } from '../../src/kube/reflector.ts';
import { eventually } from '../eventually.ts';
import { createTestLog } from '../kube/log.ts';
import { createClock } from './clock.ts';
import { administrator, describeOnCluster, tenantsPath, type Administrator } from './cluster.ts';
import { startProxied } from './proxied.ts';
import type { TcpProxy } from './tcp-proxy.ts';

describeOnCluster('the tenant store', (provided) => {
  let admin: Administrator;
  let proxy: TcpProxy;
  let proxied: string;
  const ends: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    admin = await administrator(provided.kubeconfig);
    await admin.removeAllTenants();
    ({ proxy, kubeconfig: proxied } = await startProxied(provided));
    ends.push(() => proxy.stop());
  });

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function startStore(timing: Partial<ReflectorTiming> = {}): Promise<{
    store: TenantStore;
    handedOut: string[][];
    declarations: () => readonly StorageTenant[];
    lines: JsonRecord[];
  }> {
    const handedOut: string[][] = [];
    let last: readonly StorageTenant[] = [];
    const { logger, lines } = createTestLog();
    const store = new TenantStore({
      cluster: await connectCluster(proxied, { requestMilliseconds: 1_000 }),
      logger,
      onChange: (declarations) => {
        last = declarations;
        handedOut.push(declarations.map(({ metadata }) => metadata.name));
      },
      timing: { minMilliseconds: 20, maxMilliseconds: 100, ...timing },
    });
    ends.push(() => store.stop());
    store.start();
    return { store, handedOut, declarations: () => last, lines };
  }

  it('is loaded once tenants and namespaces have been listed, not before', async () => {
    await admin.tenant('payments', { namespaces: ['payments'] });
    proxy.mode = 'refuse';
    const { store, handedOut, lines } = await startStore();
    await eventually(() => {
      expect(lines.filter(({ msg }) => msg === 'watch failed').length).toBeGreaterThan(3);
    });
    expect(store.isLoaded).toBe(false);
    expect(store.isFresh).toBe(false);
    expect(store.namespaces).toBeUndefined();
    expect(handedOut).toEqual([]);
    proxy.mode = 'pass';
    await eventually(() => {
      expect(store.isLoaded).toBe(true);
    });
    expect(store.isFresh).toBe(true);
    expect(handedOut).toEqual([['payments']]);
  });

  it('sees tenants come, change and go, with the defaults filled in', async () => {
    const { handedOut, declarations } = await startStore();
    await eventually(() => {
      expect(handedOut).toEqual([[]]);
    });
    await admin.tenant('payments', { namespaces: ['payments'], buckets: [{ name: 'ledger' }] });
    await eventually(() => {
      expect(declarations()).toHaveLength(1);
    });
    expect(declarations()[0]?.spec).toEqual({
      namespaces: ['payments'],
      identity: 'Always',
      buckets: [{ name: 'ledger', access: 'ReadWrite' }],
    });
    await admin.merge(`${tenantsPath}/payments`, { spec: { identity: 'Never' } });
    await eventually(() => {
      expect(declarations()[0]?.spec.identity).toBe('Never');
    });
    await admin.remove(`${tenantsPath}/payments`);
    await eventually(() => {
      expect(declarations()).toEqual([]);
    });
  });

  it('hands out changes in quick succession together, and none when only a status or label changed', async () => {
    const { handedOut, declarations, store } = await startStore();
    await eventually(() => {
      expect(handedOut).toEqual([[]]);
    });
    const names = Array.from({ length: 20 }, (_, index) => `team-${index + 10}`);
    // All events arrive at once, however slowly the tenants are made.
    proxy.freeze();
    await Promise.all(names.map((name) => admin.tenant(name, { namespaces: [name] })));
    proxy.thaw();
    await eventually(() => {
      expect(declarations().map(({ metadata }) => metadata.name)).toEqual(names);
    });
    expect(handedOut.length).toBeLessThan(10);
    const before = handedOut.length;
    await admin.merge(`${tenantsPath}/team-10/status`, { status: { observedGeneration: 1 } });
    await admin.merge(`${tenantsPath}/team-11`, { metadata: { labels: { cost: 'center' } } });
    await eventually(() => {
      const { status } = store.tenants.find(({ name }) => name === 'team-10') ?? {};
      expect(status).toEqual({ observedGeneration: 1 });
    });
    await eventually(() => store.refresh());
    expect(handedOut).toHaveLength(before);
  });

  it('knows the labels of namespaces', async () => {
    const { store } = await startStore();
    const labels = { 'istio.io/dataplane-mode': 'ambient' };
    const path = '/api/v1/namespaces';
    await admin.create(path, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'labelled', labels },
    });
    await eventually(() => {
      expect(store.namespaces?.get('labelled')).toEqual({
        'kubernetes.io/metadata.name': 'labelled',
        ...labels,
      });
    });
    await admin.merge(`${path}/labelled`, {
      metadata: { labels: { 'istio.io/dataplane-mode': null } },
    });
    await eventually(() => {
      expect(store.namespaces?.get('labelled')).toEqual({
        'kubernetes.io/metadata.name': 'labelled',
      });
    });
    await admin.remove(`${path}/labelled`);
    await eventually(() => {
      expect(store.namespaces?.has('labelled')).toBe(false);
      expect(store.namespaces?.has('default')).toBe(true);
    });
  });

  it('goes on after every connection was cut and new ones were refused for a while', async () => {
    const { declarations, lines } = await startStore();
    await admin.tenant('before', { namespaces: ['before'] });
    await eventually(() => {
      expect(declarations()).toHaveLength(1);
    });
    proxy.mode = 'refuse';
    proxy.cut();
    await admin.tenant('during', { namespaces: ['during'] });
    await admin.remove(`${tenantsPath}/before`);
    await eventually(() => {
      expect(lines.some(({ failures }) => Number(failures) > 2)).toBe(true);
    });
    expect(declarations().map(({ metadata }) => metadata.name)).toEqual(['before']);
    proxy.mode = 'pass';
    await eventually(() => {
      expect(declarations().map(({ metadata }) => metadata.name)).toEqual(['during']);
    });
  });

  it('leaves a connection on which nothing comes any more', async () => {
    const { declarations } = await startStore({ watchSeconds: 2, watchGraceMilliseconds: 500 });
    await eventually(() => {
      expect(declarations()).toEqual([]);
    });
    await admin.tenant('before', { namespaces: ['before'] });
    await eventually(() => {
      expect(declarations()).toHaveLength(1);
    });
    proxy.freeze();
    await admin.tenant('during', { namespaces: ['during'] });
    await eventually(() => {
      expect(declarations().map(({ metadata }) => metadata.name)).toEqual(['before', 'during']);
    });
  });

  it('stays fresh while nothing happens', async () => {
    const { store, lines } = await startStore({
      watchSeconds: 2,
      watchGraceMilliseconds: 600_000,
    });
    await eventually(() => {
      expect(store.isLoaded).toBe(true);
    });
    // Each watch proves anew, by its end at the latest, that there is nothing to hear.
    for (let watch = 0; watch < 3; watch++) {
      const before = store.provenAt;
      await eventually(() => {
        expect(store.provenAt).toBeGreaterThan(before);
      });
    }
    expect(lines).toEqual([]);
  });

  it('is stale after a silence, reads anew when asked, and says so when it cannot', async () => {
    const clock = createClock();
    const becomesStale = (): Promise<void> =>
      eventually(() => {
        clock.skip(limits.freshnessMilliseconds);
        expect(store.isFresh).toBe(false);
      });
    const { store, declarations } = await startStore({ now: clock.now, watchSeconds: 600 });
    await eventually(() => {
      expect(store.isLoaded).toBe(true);
    });
    proxy.freeze();
    await admin.tenant('unheard-of', { namespaces: ['unheard-of'] });
    await becomesStale();
    expect(declarations()).toEqual([]);
    await eventually(() => Promise.all([store.refresh(), store.refresh(), store.refresh()]));
    expect(store.isFresh).toBe(true);
    expect(declarations().map(({ metadata }) => metadata.name)).toEqual(['unheard-of']);

    proxy.mode = 'stall';
    proxy.freeze();
    await becomesStale();
    const failure = await store.refresh().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnknownAnswerError);
    expect(String(failure)).toBe(
      'UnknownAnswerError: the StorageTenants may have changed and cannot be read from the API server',
    );
    proxy.mode = 'pass';
    proxy.cut();
    await eventually(() => store.refresh());
    expect(store.isFresh).toBe(true);
  });

  it('keeps what an unreadable tenant claims, and grants nothing of it', async () => {
    const crd =
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/storagetenants.bucketwarden.io';
    const field = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/quota';
    const patch = (body: unknown): Promise<unknown> =>
      admin.cluster.ask({
        method: 'PATCH',
        path: crd,
        contentType: 'application/json-patch+json',
        body,
      });
    await patch([{ op: 'add', path: field, value: { type: 'integer' } }]);
    try {
      const { declarations, store } = await startStore();
      const spec = {
        namespaces: ['future'],
        buckets: [{ name: 'future-data' }],
        egress: { hosts: ['api.example.com'] },
        ingress: { hosts: ['future.example.com'] },
      };
      await admin.tenant('future', spec);
      await eventually(() => {
        expect(declarations()[0]?.spec.egress).toEqual({ hosts: ['api.example.com'] });
      });
      await eventually(() => admin.merge(`${tenantsPath}/future`, { spec: { quota: 5 } }));
      await eventually(() => {
        expect(declarations()[0]?.spec).toEqual({
          namespaces: ['future'],
          identity: 'Always',
          buckets: [{ name: 'future-data', access: 'ReadWrite', serviceAccounts: [] }],
          ingress: { hosts: ['future.example.com'] },
        });
      });
      expect(store.tenants[0]?.problems.map(({ path }) => path)).toEqual([['spec', 'quota']]);
      await admin.removeAllTenants();
    } finally {
      await patch([{ op: 'remove', path: field }]);
    }
  });
});
