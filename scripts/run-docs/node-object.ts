import type { JsonRecord } from '../../src/admission/json.ts';
import { isConflict } from '../../src/kube/cluster-error.ts';
import type { Cluster } from '../../src/kube/cluster.ts';

const name = 'docs-node';

/** Keeps a Node object in the cluster, with a heartbeat: endpoints of pods without a node are left out. */
export async function keepNode(cluster: Cluster): Promise<void> {
  const now = new Date().toISOString();
  await cluster
    .ask({
      method: 'POST',
      path: '/api/v1/nodes',
      body: { apiVersion: 'v1', kind: 'Node', metadata: { name } },
    })
    .catch(passConflict);
  const ready = { type: 'Ready', status: 'True', reason: 'Docs', lastHeartbeatTime: now };
  await cluster.ask({
    method: 'PATCH',
    path: `/api/v1/nodes/${name}/status`,
    contentType: 'application/merge-patch+json',
    body: { status: { conditions: [{ ...ready, lastTransitionTime: now }] } },
  });
}

/** What a scheduler does. */
export async function bindPod(cluster: Cluster, podPath: string): Promise<void> {
  const body: JsonRecord = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: podPath.split('/').at(-1) },
    target: { apiVersion: 'v1', kind: 'Node', name },
  };
  await cluster.ask({ method: 'POST', path: `${podPath}/binding`, body }).catch(passConflict);
}

function passConflict(error: unknown): void {
  if (!isConflict(error)) throw error;
}
