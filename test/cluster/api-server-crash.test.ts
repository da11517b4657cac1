import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { UnknownAnswerError } from '../../src/errors.ts';
import { limits } from '../../src/limits.ts';
import { connectCluster } from '../../src/kube/connect.ts';
import { TenantStore } from '../../src/kube/tenant-store.ts';
import type { ReflectorTiming } from '../../src/kube/reflector.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { eventually } from '../eventually.ts';
import { createTestLog } from '../kube/log.ts';
import { createClock } from './clock.ts';
import { administrator, describeOnCluster, tenantsPath, type Administrator } from './cluster.ts';
import { installCrd } from './install-crd.ts';
import { startProxied } from './proxied.ts';

/** A control plane of its own: nobody else's tests survive what happens to this one. */
describeOnCluster('a kube-apiserver that crashes or hangs', () => {
  let controlPlane: ControlPlane;
  let admin: Administrator;
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    await installCrd(controlPlane.kubeconfigPath);
    admin = await administrator(controlPlane.kubeconfigPath);
  });

  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => {
      process.stderr.write(controlPlane.output());
    });
  });

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await eventually(() => admin.removeAllTenants());
  });

  afterAll(async () => {
    await controlPlane.stop();
  });

  /** A store over a wire to the server, and what it has logged. */
  async function startStore(timing: Partial<ReflectorTiming> = {}) {
    const { kubeconfigPath: kubeconfig, server } = controlPlane;
    const { proxy, kubeconfig: proxied } = await startProxied({ kubeconfig, server });
    ends.push(() => proxy.stop());
    const { logger, lines } = createTestLog();
    let names: readonly string[] = [];
    const store = new TenantStore({
      cluster: await connectCluster(proxied, { requestMilliseconds: 1_000 }),
      logger,
      onChange: (declarations) => {
        names = declarations.map(({ metadata }) => metadata.name);
      },
      timing: { minMilliseconds: 20, maxMilliseconds: 100, ...timing },
    });
    ends.push(() => store.stop());
    store.start();
    await eventually(() => {
      expect(store.isLoaded).toBe(true);
    });
    return { store, proxy, lines, names: () => names };
  }

  async function restart(): Promise<void> {
    await controlPlane.apiServer.kill();
    await controlPlane.apiServer.start();
    // /readyz does not wait for the watch cache of a custom resource; resourceVersion 0 reads from it.
    for (const path of [tenantsPath, '/api/v1/namespaces']) {
      await eventually(() => admin.cluster.ask({ path, query: { resourceVersion: '0' } }));
    }
  }

  it('is followed again after it was killed and started', async () => {
    const { names, lines } = await startStore();
    await admin.tenant('before', { namespaces: ['before'] });
    await eventually(() => {
      expect(names()).toEqual(['before']);
    });
    await restart();
    await eventually(() => {
      expect(lines.filter(({ msg }) => msg === 'watch failed')).not.toEqual([]);
    });
    await admin.tenant('afterwards', { namespaces: ['afterwards'] });
    await eventually(() => {
      expect(names()).toEqual(['afterwards', 'before']);
    });
  });

  it('is listed anew when it no longer knows what came after our last event (410 Gone)', async () => {
    // The server is back when we try to go on where we were.
    const back = Promise.withResolvers<undefined>();
    const { names, lines, proxy } = await startStore({ pause: () => back.promise });
    ends.push(() => {
      back.resolve(undefined);
      return back.promise;
    });
    await admin.tenant('before', { namespaces: ['before'] });
    await eventually(() => {
      expect(names()).toEqual(['before']);
    });
    proxy.cut();
    await admin.tenant('during', { namespaces: ['during'] });
    await admin.remove(`${tenantsPath}/before`);
    // What it remembers of events begins with its start.
    await restart();
    expect(names()).toEqual(['before']);
    back.resolve(undefined);
    await eventually(() => {
      expect(names()).toEqual(['during']);
    });
    expect(lines.map(({ problem }) => problem)).toContainEqual(
      expect.stringContaining('too old resource version'),
    );
  });

  it('answers nothing while it hangs, and is not guessed at', async () => {
    const clock = createClock();
    const { store, names } = await startStore({ now: clock.now });
    controlPlane.apiServer.freeze();
    try {
      await eventually(() => {
        clock.skip(limits.freshnessMilliseconds);
        expect(store.isFresh).toBe(false);
      });
      await expect(store.refresh()).rejects.toBeInstanceOf(UnknownAnswerError);
    } finally {
      controlPlane.apiServer.thaw();
    }
    await admin.tenant('afterwards', { namespaces: ['afterwards'] });
    await eventually(() => store.refresh());
    expect(names()).toEqual(['afterwards']);
    expect(store.isFresh).toBe(true);
  });
});
