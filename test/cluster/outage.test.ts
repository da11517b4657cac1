import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listOf, recordOf, type JsonRecord } from '../../src/admission/json.ts';
import { issueCertificates } from '../../src/certs/issue.ts';
import { generateSigningKey } from '../../src/identity/key-ring.ts';
import { runProgram, type Run } from '../control-plane/program.ts';
import { reservePort } from '../control-plane/reserve-port.ts';
import { eventually } from '../eventually.ts';
import { administrator, describeOnCluster, type Administrator } from './cluster.ts';
import { kubectlFor, mustFail, mustSucceed, type KubectlResult } from './kubectl.ts';
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
  });

  afterAll(async () => {
    await unregister(kubectl);
    await kubectl(['delete', 'pod', 'before', '-n', 'payments', '--now', '--ignore-not-found']);
    await removeTenants(kubectl);
  });

  it.each(['payments', 'nobody'])('creates no pod in %s: it fails closed', async (namespace) => {
    const stderr = await mustFail(create(aPod('during', namespace), '--dry-run=server'));
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
  const ends: (() => void | Promise<void>)[] = [];
  let folder = '';

  beforeAll(async () => {
    await createTenancy(kubectl);
    folder = await mkdtemp(join(tmpdir(), 'bucketwarden-storm-'));
  });

  afterAll(async () => {
    for (const end of ends.reverse()) await end();
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
    const { port, release } = await reservePort();
    ends.push(release);
    const start = async (): Promise<Run> => {
      const run = runProgram({
        path: process.execPath,
        flags: serveArguments({ folder, port, kubeconfig: cluster.kubeconfig }),
      });
      ends.push(() => run.kill());
      await eventually(() => probe(port)).catch((error: unknown) => {
        throw new Error(`the server does not answer after printing:\n${run.output()}`, {
          cause: error,
        });
      });
      return run;
    };
    const first = await start();
    await registerAt(kubectl, { port, ca: ca.certificate });
    const admin = await administrator(cluster.kubeconfig);

    const outcomes = new Map<string, number>();
    const tries = (outcome: string): number => outcomes.get(outcome) ?? 0;
    const worker = async (name: string, index: number): Promise<void> => {
      const isBad = index % 3 !== 0;
      const kind = isBad ? 'bad' : 'good';
      const pod = aPod(`${kind}-${name}`, 'payments', isBad ? 'foreign' : 'payments-tmp-a');
      const outcome = `${kind} ${await tryPod(admin, pod)}`;
      outcomes.set(outcome, tries(outcome) + 1);
    };
    /** Resolves when each of these outcomes has been seen ten more times. */
    const more = async (...wanted: string[]): Promise<void> => {
      const enough = wanted.map((outcome) => ({ outcome, count: tries(outcome) + 10 }));
      await eventually(() => {
        for (const { outcome, count } of enough) {
          expect(tries(outcome), outcome).toBeGreaterThanOrEqual(count);
        }
      });
    };
    let isOver = false;
    const storm = Array.from({ length: 8 }, async (_none, number) => {
      for (let index = 0; !isOver; index++) await worker(`${number}-${index}`, index);
    });
    try {
      await more('bad denied', 'good admitted');
      await first.kill();
      await more('bad failed', 'good failed');
      await start();
      await more('bad denied', 'good admitted');
    } finally {
      isOver = true;
      await Promise.all(storm);
    }

    expect(tries('bad admitted')).toBe(0);
    const pods: unknown = JSON.parse(
      await mustSucceed(kubectl(['get', 'pods', '-n', 'payments', '-o', 'json'])),
    );
    const names = listOf(recordOf(pods)['items']).map((item) =>
      String(recordOf(recordOf(item)['metadata'])['name']),
    );
    expect(names.filter((name) => name.startsWith('bad'))).toEqual([]);
  });
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
