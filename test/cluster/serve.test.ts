import { request } from 'node:https';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listOf, recordOf, valueAt, type JsonRecord } from '../../src/admission/json.ts';
import { serve, type RunningServer } from '../../src/server/serve.ts';
import { eventually } from '../eventually.ts';
import { createLineStream } from '../kube/log.ts';
import { administrator, describeOnCluster, tenantsPath, type Administrator } from './cluster.ts';
import { startProxied } from './proxied.ts';
import { serviceAccountKubeconfig } from './service-account.ts';
import type { TcpProxy } from './tcp-proxy.ts';

/** With the longest time-out that Kubernetes allows: none of these tests is about a late answer. */
const validate = '/validate?timeout=30s';

describeOnCluster('serve with the tenants of a cluster', ({ kubeconfig, server: apiServer }) => {
  let admin: Administrator;
  let proxy: TcpProxy;
  let account: string;
  const ends: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    admin = await administrator(kubeconfig);
    await admin.removeAllTenants();
    const proxied = await startProxied({
      kubeconfig: await serviceAccountKubeconfig(admin, kubeconfig),
      server: apiServer,
    });
    ({ proxy, kubeconfig: account } = proxied);
    ends.push(() => proxy.stop());
  });

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function start(): Promise<{ server: RunningServer; lines: JsonRecord[] }> {
    const { stream: stdout, lines } = createLineStream();
    const options = { port: 0, metricsPort: 0, host: '127.0.0.1', kubeconfig: account };
    const server = await serve(options, { stdout });
    ends.push(() => server.stop());
    return { server, lines };
  }

  const ready = (server: RunningServer): Promise<void> =>
    eventually(async () => {
      expect(await ask(server, '/readyz')).toEqual({ status: 200, body: { status: 'ok' } });
    });

  it('is not ready, and answers nothing, before the tenants are loaded', async () => {
    await admin.tenant('payments', { namespaces: ['payments'] });
    proxy.mode = 'refuse';
    const { server } = await start();
    const notReady = {
      status: 503,
      body: { code: 'not-ready', message: 'the tenants are not loaded yet' },
    };
    expect(await ask(server, '/readyz')).toEqual(notReady);
    expect(await ask(server, validate, reviewOf('ledger'))).toEqual(notReady);
    await eventually(async () => {
      expect(await metricsOf(server)).toMatch(
        /^bucketwarden_watch_failures_total\{resource="storagetenants"\} [1-9]/m,
      );
    });
    expect(await metricsOf(server)).toMatch(/^bucketwarden_tenants_proven_timestamp_seconds 0$/m);
    proxy.mode = 'pass';
    await ready(server);
    expect(await verdictOf(server, 'ledger')).toMatchObject({ allowed: false });
    expect(await metricsOf(server)).toMatch(
      /^bucketwarden_tenants_proven_timestamp_seconds 1\d{9}/m,
    );
  });

  it('logs a conflict of tenants, and counts tenants by state', async () => {
    await admin.tenant('payments', { namespaces: ['payments'], buckets: [{ name: 'ledger' }] });
    await admin.tenant('greedy', { namespaces: ['kube-system'] });
    const { server, lines } = await start();
    await ready(server);
    const counts = async (): Promise<string[]> =>
      (await metricsOf(server))
        .split('\n')
        .filter((line) => line.startsWith('bucketwarden_tenants{'));
    await eventually(async () => {
      expect(await counts()).toEqual([
        'bucketwarden_tenants{state="ready"} 1',
        'bucketwarden_tenants{state="conflict"} 0',
        'bucketwarden_tenants{state="invalid"} 1',
      ]);
    });
    await admin.tenant('rival', { namespaces: ['rival'], buckets: [{ name: 'ledger' }] });
    await eventually(async () => {
      expect(await counts()).toContain('bucketwarden_tenants{state="conflict"} 2');
    });
    const told = lines.filter(
      ({ msg, state }) => msg === 'tenant not ready' && state === 'conflict',
    );
    expect(told).toEqual(
      ['payments', 'rival'].map(
        (tenant, index) =>
          expect.objectContaining({
            level: 'warn',
            tenant,
            conflicts: [
              {
                field: 'spec.buckets[0].name',
                with: ['rival', 'payments'][index],
                problem: `"ledger" overlaps a bucket of tenant "${['rival', 'payments'][index] ?? ''}"`,
              },
            ],
          }) as unknown,
      ),
    );
  });

  it('judges by what is declared now', async () => {
    await admin.tenant('payments', { namespaces: ['payments'] });
    const { server } = await start();
    await ready(server);
    const refusal = recordOf(await verdictOf(server, 'ledger'));
    expect(refusal['allowed']).toBe(false);
    expect(valueAt(refusal, ['status', 'message'])).toContain(
      'Pod "payments/report" of tenant "payments"',
    );
    await admin.merge(`${tenantsPath}/payments`, {
      spec: { identity: 'Never', buckets: [{ name: 'ledger' }] },
    });
    await eventually(async () => {
      expect(await verdictOf(server, 'ledger')).toMatchObject({ allowed: true });
    });
    await admin.remove(`${tenantsPath}/payments`);
    await admin.tenant('finance', { namespaces: ['finance'], buckets: [{ name: 'ledger' }] });
    await eventually(async () => {
      const verdict = recordOf(await verdictOf(server, 'ledger'));
      expect(verdict['allowed']).toBe(false);
      expect(valueAt(verdict, ['status', 'message'])).toContain('[bucket-outside-tenant]');
    });
  });

  it('writes the status of tenants with no more rights than manifests/base gives', async () => {
    const { server, lines } = await start();
    await ready(server);
    await admin.tenant('payments', { namespaces: ['payments'] });
    await eventually(async () => {
      const { status } = await admin.cluster.ask({ path: `${tenantsPath}/payments` });
      const conditions = listOf(recordOf(status)['conditions']);
      expect(conditions[0]).toMatchObject({ type: 'Ready', status: 'True' });
    });
    const lease = await admin.cluster.ask({
      path: '/apis/coordination.k8s.io/v1/namespaces/bucketwarden-system/leases/bucketwarden',
    });
    expect(recordOf(lease['spec'])['holderIdentity']).toMatch(/^.+_[0-9a-f-]{36}$/);
    await server.stop();
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
    const warnings = lines.filter(({ level }) => level === 'warn').map(({ msg }) => msg);
    expect(warnings).toEqual([
      'signing key made in memory: restarts and other replicas do not know it; name one with --signing-keys',
    ]);
  });

  it('allows a tenant to be deleted only when its namespaces are gone', async () => {
    const object = await admin.tenant('payments', { namespaces: ['default'] });
    const { server } = await start();
    await ready(server);
    const verdict = async (body: JsonRecord): Promise<unknown> =>
      (await ask(server, validate, deletionOf(body))).body['response'];
    const refusal = await verdict(object);
    expect(refusal).toMatchObject({ allowed: false });
    expect(valueAt(refusal, ['status', 'message'])).toContain('namespace "default" still exists');
    const renamed = { ...object, spec: { namespaces: ['long-gone'] } };
    expect(await verdict(renamed)).toMatchObject({ allowed: true });
  });

  it('ends although the API server is silent', async () => {
    const { server } = await start();
    await ready(server);
    proxy.mode = 'refuse';
    proxy.freeze();
    proxy.cut();
    await server.stop();
    await expect(ask(server, '/healthz')).rejects.toThrow('ECONNREFUSED');
  });

  it('takes tenants from files or from a cluster, not from both', async () => {
    const both = {
      port: 0,
      metricsPort: 0,
      tenants: ['examples/tenants.yaml'],
      kubeconfig: account,
    };
    const { stream: stdout } = createLineStream();
    await expect(serve(both, { stdout })).rejects.toThrow(
      '--tenants and --kubeconfig exclude each other',
    );
  });

  async function verdictOf(server: RunningServer, bucket: string): Promise<unknown> {
    const { body } = await ask(server, validate, reviewOf(bucket));
    return body['response'];
  }
});

function reviewOf(bucket: string): JsonRecord {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      name: 'report',
      namespace: 'payments',
      operation: 'CREATE',
      userInfo: { username: 'test', groups: [] },
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'report', namespace: 'payments' },
        spec: {
          containers: [{ name: 'report', image: 'report', args: [`s3://${bucket}/2027`] }],
        },
      },
    },
  };
}

function deletionOf(oldObject: JsonRecord): JsonRecord {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '2',
      kind: { group: 'bucketwarden.io', version: 'v1alpha1', kind: 'StorageTenant' },
      resource: { group: 'bucketwarden.io', version: 'v1alpha1', resource: 'storagetenants' },
      name: 'payments',
      operation: 'DELETE',
      userInfo: { username: 'test', groups: [] },
      object: null,
      oldObject,
    },
  };
}

function ask(
  { port, caCertificate }: RunningServer,
  path: string,
  body?: JsonRecord,
): Promise<{ status: number; body: JsonRecord }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        ca: caCertificate,
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json' },
        agent: false,
      },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: recordOf(JSON.parse(text)) });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function metricsOf({ metricsPort }: RunningServer): Promise<string> {
  return (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
}
