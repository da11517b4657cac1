import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listOf, recordOf, type JsonRecord } from '../../src/admission/json.ts';
import { issueCertificates } from '../../src/certs/issue.ts';
import { generateSigningKey } from '../../src/identity/key-ring.ts';
import { eventually } from '../eventually.ts';
import { administrator, describeOnCluster, type Administrator } from './cluster.ts';
import { kubectlFor, mustSucceed, type KubectlResult } from './kubectl.ts';
import { infrastructureNamespace, probe, registerAt, unregister } from './register.ts';
import { serveCluster } from './served.ts';
import { createTenancy, removeTenants } from './tenancy.ts';

const aPod = (name: string, namespace: string, bucket?: string): JsonRecord => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: {
    serviceAccountName: 'default',
    containers: [
      {
        name: 'a',
        image: 'a:1',
        ...(bucket !== undefined && { env: [{ name: 'S3_BUCKET', value: bucket }] }),
      },
    ],
  },
});

describeOnCluster('while the webhook is down (F7)', (cluster) => {
  const kubectl = kubectlFor(cluster);
  const create = (pod: object, ...more: string[]): Promise<KubectlResult> =>
    kubectl(['create', '-f', '-', ...more], { stdin: JSON.stringify(pod) });

  beforeAll(async () => {
    await createTenancy(kubectl);
    const served = await serveCluster(kubectl, cluster.kubeconfig);
    await mustSucceed(create(aPod('before', 'payments')));
    await served.stop();
  }, 120_000);

  afterAll(async () => {
    await unregister(kubectl);
    await kubectl(['delete', 'pod', 'before', '-n', 'payments', '--now', '--ignore-not-found']);
    await removeTenants(kubectl);
  });

  it.each(['payments', 'nobody'])('creates no pod in %s: it fails closed', async (namespace) => {
    const { exitCode, stderr } = await create(aPod('during', namespace), '--dry-run=server');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/failed calling webhook "validate\.bucketwarden\.io"/);
  });

  it.each(['kube-system', 'storage', 'istio-system', infrastructureNamespace])(
    'goes on in %s',
    async (namespace) => {
      await mustSucceed(create(aPod('during', namespace), '--dry-run=server'));
    },
  );

  it('deletes what runs', async () => {
    await mustSucceed(kubectl(['delete', 'pod', 'before', '-n', 'payments', '--now']));
  });
});

describeOnCluster('killed and restarted in a storm of creations', (cluster) => {
  const kubectl = kubectlFor(cluster);
  const children: ChildProcess[] = [];
  let folder = '';

  beforeAll(async () => {
    await createTenancy(kubectl);
    folder = await mkdtemp(join(tmpdir(), 'bucketwarden-storm-'));
  }, 120_000);

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await unregister(kubectl);
    await kubectl(['delete', 'pods', '-n', 'payments', '--all', '--now']);
    await removeTenants(kubectl);
    await rm(folder, { recursive: true, force: true });
  });

  it('F6: admits no bad pod, before, during and after', async () => {
    const { ca, serving } = await issueCertificates({ dnsNames: ['127.0.0.1'], now: new Date() });
    await writeFile(join(folder, 'tls.crt'), serving.certificate);
    await writeFile(join(folder, 'tls.key'), serving.privateKey);
    await writeFile(
      join(folder, 'keys.json'),
      JSON.stringify({ keys: [await generateSigningKey()] }),
    );
    const port = await freePort();
    const start = async (): Promise<ChildProcess> => {
      const child = spawn(
        process.execPath,
        serveArguments({ folder, port, kubeconfig: cluster.kubeconfig }),
        { stdio: 'ignore' },
      );
      children.push(child);
      await eventually(() => probe(port), { timeoutMs: 30_000 });
      return child;
    };
    const first = await start();
    await registerAt(kubectl, { port, ca: ca.certificate });
    const admin = await administrator(cluster.kubeconfig);
    await eventually(async () => {
      expect(await tryPod(admin, aPod('probe', 'payments', 'foreign'))).toBe('denied');
    });

    const outcomes = new Map<string, number>();
    const count = (outcome: string): void => {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    };
    const storm = Array.from({ length: 8 }, async (_none, worker) => {
      for (let index = 0; index < 60; index++) {
        const isBad = index % 3 !== 0;
        const name = `${isBad ? 'bad' : 'good'}-${worker}-${index}`;
        const outcome = await tryPod(
          admin,
          aPod(name, 'payments', isBad ? 'foreign' : 'payments-tmp-a'),
        );
        count(`${isBad ? 'bad' : 'good'} ${outcome}`);
        if (worker === 0 && index === 20) {
          first.kill('SIGKILL');
          void start();
        }
      }
    });
    await Promise.all(storm);
    await eventually(
      async () => {
        expect(await tryPod(admin, aPod('good-at-last', 'payments', 'payments-tmp-a'))).toBe(
          'admitted',
        );
      },
      { timeoutMs: 30_000 },
    );

    expect(outcomes.get('bad admitted') ?? 0).toBe(0);
    expect(outcomes.get('bad denied') ?? 0).toBeGreaterThan(0);
    expect(outcomes.get('bad failed') ?? 0, 'the storm never met the outage').toBeGreaterThan(0);
    const pods: unknown = JSON.parse(
      await mustSucceed(kubectl(['get', 'pods', '-n', 'payments', '-o', 'json'])),
    );
    const names = listOf(recordOf(pods)['items']).map((item) =>
      String(recordOf(recordOf(item)['metadata'])['name']),
    );
    expect(names.filter((name) => name.startsWith('bad'))).toEqual([]);
  }, 120_000);
});

/** "denied" by policy, "failed" because nobody answered, or "admitted". */
async function tryPod(
  admin: Administrator,
  pod: JsonRecord,
): Promise<'admitted' | 'denied' | 'failed'> {
  try {
    await admin.create('/api/v1/namespaces/payments/pods', pod);
    return 'admitted';
  } catch (error) {
    return String(error).includes('breaks a rule') ? 'denied' : 'failed';
  }
}

function serveArguments(given: { folder: string; port: number; kubeconfig: string }): string[] {
  const { folder, port, kubeconfig } = given;
  return [
    new URL('../../src/main.ts', import.meta.url).pathname,
    'serve',
    `--port=${port}`,
    '--metrics-port=0',
    '--host=127.0.0.1',
    `--kubeconfig=${kubeconfig}`,
    `--tls-cert=${join(folder, 'tls.crt')}`,
    `--tls-key=${join(folder, 'tls.key')}`,
    `--signing-keys=${join(folder, 'keys.json')}`,
  ];
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}
