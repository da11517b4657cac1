import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { UsageError } from '../errors.ts';
import { reasonOf } from '../files/unreadable.ts';
import { createCluster, type Cluster, type ClusterOptions } from './cluster.ts';

/** Nothing says which cluster is meant. */
export class NoClusterError extends UsageError {}

/** Where every pod finds the token of its service account. */
const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * The cluster named by a kubeconfig file; without one by $KUBECONFIG, by the service account of the pod
 * we run in, or by ~/.kube/config, in this order. Sends nothing yet. The client library takes most of
 * a second to load, so it is loaded only where a connection is made.
 * @throws UsageError when there is no such file or nothing at all to connect with
 */
export async function connectCluster(
  kubeconfig?: string,
  options?: ClusterOptions,
): Promise<Cluster> {
  const library = await import('@kubernetes/client-node');
  const config = new library.KubeConfig();
  try {
    load(config, kubeconfig);
    return createCluster(config, options);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const which = kubeconfig === undefined ? 'the kubeconfig' : `the kubeconfig ${kubeconfig}`;
    const isSystem = error instanceof Error && 'syscall' in error;
    const verb = isSystem ? 'read' : 'used';
    throw new UsageError(`${which} cannot be ${verb}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Not KubeConfig.loadFromDefault alone: it ends at http://localhost:8080 when it finds nothing. */
function load(config: KubeConfig, kubeconfig: string | undefined): void {
  const { KUBECONFIG, KUBERNETES_SERVICE_HOST, HOME } = process.env;
  const ownFile = join(HOME ?? homedir(), '.kube', 'config');
  if (kubeconfig !== undefined) config.loadFromFile(kubeconfig);
  else if (KUBECONFIG !== undefined && KUBECONFIG !== '') config.loadFromDefault();
  else if (KUBERNETES_SERVICE_HOST !== undefined && existsSync(serviceAccountToken)) {
    config.loadFromCluster();
  } else if (existsSync(ownFile)) config.loadFromFile(ownFile);
  else {
    throw new NoClusterError('no cluster to connect to: give --kubeconfig FILE or set KUBECONFIG');
  }
}
