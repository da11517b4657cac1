import { listOf, recordOf, textOf } from '../admission/json.ts';
import { installation } from '../names.ts';
import type { Cluster } from './cluster.ts';

/**
 * The entries of our ValidatingWebhookConfiguration that admit unjudged what they cannot ask us about, as
 * the API server has them now. Entries of the mutating one always fail open, and are judged afterwards.
 * @throws ClusterError when it cannot be read, or is not there
 */
export async function readFailOpenEntries(cluster: Cluster): Promise<readonly string[]> {
  const group = '/apis/admissionregistration.k8s.io/v1';
  const path = `${group}/validatingwebhookconfigurations/${installation.name}`;
  const { webhooks } = await cluster.ask({ path });
  return listOf(webhooks)
    .map(recordOf)
    .filter(({ failurePolicy }) => failurePolicy === 'Ignore')
    .map(({ name }) => textOf(name) ?? '')
    .sort();
}
