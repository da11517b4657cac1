import { afterAll, afterEach, beforeAll, expect, it, type TestContext } from 'vitest';
import { UnknownAnswerError } from '../../src/errors.ts';
import { connectCluster } from '../../src/kube/connect.ts';
import { TenantStore } from '../../src/kube/tenant-store.ts';
import type { ReflectorTiming } from '../../src/kube/reflector.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { findApiServer, type ApiServerProcess } from '../control-plane/api-server-process.ts';
import { eventually } from '../eventually.ts';
import { createTestLog } from '../kube/log.ts';
import { administrator, describeOnCluster, tenantsPath, type Administrator } from './cluster.ts';
import { installCrd } from './install-crd.ts';
import { startProxied } from './proxied.ts';

/** A control plane of its own: nobody else's tests survive what happens to this one. */
describeOnCluster('a kube-apiserver that crashes or hangs', () => {
  let controlPlane: ControlPlane;
  let apiServer: ApiServerProcess | undefined;
  let admin: Administrator;
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    await installCrd(controlPlane.kubeconfigPath);
    admin = await administrator(controlPlane.kubeconfigPath);
    apiServer = findApiServer(controlPlane.server);
  }, 120_000);

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await eventually(() => admin.removeAllTenants());
  });

  afterAll(async () => {
    apiServer?.stop();
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

  async function restart(server: ApiServerProcess): Promise<void> {
    await server.kill();
    server.start();
    await eventually(() => admin.cluster.ask({ path: tenantsPath }), { timeoutMs: 30_000 });
  }

  it('is followed again after it was killed and started', async (test) => {
    const server = needed(apiServer, test);
    const { names, lines } = await startStore();
    await admin.tenant('before', { namespaces: ['before'] });
    await eventually(() => {
      expect(names()).toEqual(['before']);
    });
    await restart(server);
    expect(lines.filter(({ msg }) => msg === 'watch failed')).not.toEqual([]);
    await admin.tenant('afterwards', { namespaces: ['afterwards'] });
    await eventually(() => {
      expect(names()).toEqual(['afterwards', 'before']);
    });
  });

  it('is listed anew when it no longer knows what came after our last event (410 Gone)', async (test) => {
    const server = needed(apiServer, test);
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
    await restart(server);
    expect(names()).toEqual(['before']);
    back.resolve(undefined);
    await eventually(() => {
      expect(names()).toEqual(['during']);
    });
    expect(lines.map(({ problem }) => problem)).toContainEqual(
      expect.stringContaining('too old resource version'),
    );
  });

  it('answers nothing while it hangs, and is not guessed at', async (test) => {
    const server = needed(apiServer, test);
    const { store, names } = await startStore({ freshnessMilliseconds: 1_000 });
    server.freeze();
    try {
      await eventually(() => {
        expect(store.isFresh).toBe(false);
      });
      await expect(store.refresh()).rejects.toBeInstanceOf(UnknownAnswerError);
    } finally {
      server.thaw();
    }
    await admin.tenant('afterwards', { namespaces: ['afterwards'] });
    await eventually(() => store.refresh());
    expect(names()).toEqual(['afterwards']);
    expect(store.isFresh).toBe(true);
  });
});

function needed(server: ApiServerProcess | undefined, test: TestContext): ApiServerProcess {
  return server ?? test.skip('the kube-apiserver is found in /proc, which is not here');
}
