import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listOf, recordOf, textOf, valueAt, type JsonRecord } from '../../src/admission/json.ts';
import type { Cluster } from '../../src/kube/cluster.ts';
import { connectCluster } from '../../src/kube/connect.ts';
import type { ControlPlane } from '../../test/control-plane/control-plane.ts';
import { probe } from '../../test/cluster/register.ts';
import { writeAccountKubeconfig } from './account.ts';
import { bindPod, keepNode } from './node-object.ts';
import { writeVolumes } from './volumes.ts';

const podsPath = '/api/v1/namespaces/bucketwarden-system/pods';
const slicesPath = '/apis/discovery.k8s.io/v1/namespaces/bucketwarden-system/endpointslices';
const label = 'app.kubernetes.io/name=bucketwarden';

/** As in `manifests/base/deployment.yaml`: the port that the Service leads to. */
const webhookPort = 8443;

/**
 * Does for Bucketwarden's pods what a kubelet would: waits for what they mount, runs the server with their
 * arguments, and says when they are ready. All replicas share one process, since they share one address.
 */
export interface Node {
  said(): string;
  stop(): Promise<void>;
}

export async function startNode(
  controlPlane: ControlPlane,
  { address, checkout }: { readonly address: string; readonly checkout: string },
): Promise<Node> {
  const cluster = await connectCluster(controlPlane.kubeconfigPath);
  const directory = mkdtempSync(join(tmpdir(), 'bucketwarden-docs-node-'));
  const stopping = new AbortController();
  let log = '';
  let server: ChildProcess | undefined;

  async function start(pod: JsonRecord): Promise<void> {
    const kubeconfig = await writeAccountKubeconfig(controlPlane, { cluster, directory });
    const own = ['--host', address, '--metrics-port', '0', '--kubeconfig', kubeconfig];
    const words = [join(checkout, 'src', 'main.ts'), ...argumentsOf(pod, directory), ...own];
    const child = spawn(join(checkout, 'node_modules', '.bin', 'node'), words, {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (text: string): void => {
      log = (log + text).slice(-4000);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    // Started again at the next turn, as a kubelet would.
    child.on('close', () => (server = undefined));
    server = child;
  }

  async function turn(): Promise<void> {
    await keepNode(cluster);
    const all = await listItems(cluster, podsPath, label);
    const leaving = all.filter(
      (pod) => valueAt(pod, ['metadata', 'deletionTimestamp']) !== undefined,
    );
    for (const pod of leaving) await removePod(cluster, pod);
    const pods = all.filter((pod) => !leaving.includes(pod));
    const [first] = pods;
    if (first === undefined || !(await writeVolumes(cluster, { pod: first, directory }))) return;
    if (server === undefined) await start(first);
    await probe(webhookPort, address);
    const [waiting, ...more] = pods.filter((each) => !isReady(each));
    if (waiting === undefined) return;
    // The last one only when the Service leads here, so that whoever waits for the roll-out can go on at once.
    if (more.length === 0 && pods.length > 1 && !(await isReachable(cluster, address))) return;
    await markReady(cluster, waiting, address);
  }

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      // The namespace may not exist yet, the server may not answer yet: the next turn tries again.
      await turn().catch(() => undefined);
      await delay(100);
    }
  })();
  return {
    said: () => log,
    stop: async () => {
      stopping.abort();
      await loop;
      const running = server;
      if (running) {
        const closed = new Promise((resolve) => running.once('close', resolve));
        running.kill('SIGTERM');
        await closed;
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The container's own arguments, with its mounted files where they are on this machine. */
function argumentsOf(pod: JsonRecord, directory: string): readonly string[] {
  const words = listOf(valueAt(pod, ['spec', 'containers', 0, 'args']));
  return words.map((word) => (textOf(word) ?? '').replace('=/etc/', `=${directory}/etc/`));
}

function isReady(pod: JsonRecord): boolean {
  return listOf(valueAt(pod, ['status', 'conditions'])).some(
    (condition) =>
      recordOf(condition)['type'] === 'Ready' && recordOf(condition)['status'] === 'True',
  );
}

async function isReachable(cluster: Cluster, address: string): Promise<boolean> {
  const service = 'kubernetes.io/service-name=bucketwarden';
  const slices = await listItems(cluster, slicesPath, service);
  const endpoints = slices.flatMap((slice) => listOf(slice['endpoints']).map(recordOf));
  return endpoints.some(({ addresses }) => listOf(addresses).includes(address));
}

async function listItems(
  cluster: Cluster,
  path: string,
  labelSelector: string,
): Promise<readonly JsonRecord[]> {
  const { items } = await cluster.ask({ path, query: { labelSelector } });
  return listOf(items).map(recordOf);
}

function pathOf(pod: JsonRecord): string {
  return `${podsPath}/${textOf(valueAt(pod, ['metadata', 'name'])) ?? ''}`;
}

/** The last word on a deletion is the kubelet's. */
async function removePod(cluster: Cluster, pod: JsonRecord): Promise<void> {
  const query = { gracePeriodSeconds: 0 };
  await cluster.ask({ method: 'DELETE', path: pathOf(pod), query });
}

async function markReady(cluster: Cluster, pod: JsonRecord, address: string): Promise<void> {
  const path = pathOf(pod);
  const lastTransitionTime = new Date().toISOString();
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }];
  await bindPod(cluster, path);
  await cluster.ask({
    method: 'PATCH',
    path: `${path}/status`,
    contentType: 'application/merge-patch+json',
    body: {
      status: { phase: 'Running', podIP: address, podIPs: [{ ip: address }], conditions },
    },
  });
}
