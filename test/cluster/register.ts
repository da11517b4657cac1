import { request } from 'node:https';
import { stringify } from 'yaml';
import type { JsonRecord } from '../../src/admission/json.ts';
import { loadConfig } from '../../src/declaration/load.ts';
import { mutations } from '../../src/inject/mutations.ts';
import type { WebhookEntry } from '../../src/manifests/webhook-configuration.ts';
import { buildRegistration } from '../../src/manifests/webhook-registration.ts';
import { rules } from '../../src/rules/index.ts';
import { canariesGone, createCanary } from './canary.ts';
import { mustSucceed, type Kubectl } from './kubectl.ts';

/** The longest that Kubernetes allows: no test is about an answer that comes late on a busy machine. */
const timeoutSeconds = 30;

/** Removes the registration; resolves when the API server no longer calls us. */
export async function unregister(kubectl: Kubectl): Promise<void> {
  const kinds = 'mutatingwebhookconfigurations,validatingwebhookconfigurations';
  await mustSucceed(kubectl(['delete', kinds, '--all', '--ignore-not-found']));
  await canariesGone(kubectl);
}

/** The infrastructure namespace of the registration under test. */
export const infrastructureNamespace = 'infra';

/** A BucketwardenConfig with these sections. */
export function configWith(sections: JsonRecord): JsonRecord {
  return {
    apiVersion: 'bucketwarden.io/v1alpha1',
    kind: 'BucketwardenConfig',
    infrastructureNamespaces: [infrastructureNamespace],
    ...sections,
  };
}

/**
 * Registers whoever answers on a port of this machine, in place of a Service in the cluster; resolves
 * when the API server calls it.
 */
export async function registerAt(
  kubectl: Kubectl,
  { port, ca }: { readonly port: number; readonly ca: string },
  sections: JsonRecord = {},
): Promise<void> {
  const caBundle = Buffer.from(ca).toString('base64');
  const service = { namespace: 'bucketwarden-system', name: 'bucketwarden', port: 443 };
  const config = loadConfig('test', stringify(configWith(sections)));
  const registration = buildRegistration({ rules, mutations }, config, { service, caBundle });
  const reachable = (entry: WebhookEntry): object => ({
    ...entry,
    timeoutSeconds,
    clientConfig: {
      url: `https://127.0.0.1:${port}${entry.clientConfig.service.path}`,
      caBundle,
    },
  });
  const { mutating, validating } = registration;
  const canary = createCanary();
  const manifests = [
    { ...mutating, webhooks: [...mutating.webhooks.map(reachable), canary.entry('mutate')] },
    { ...validating, webhooks: [...validating.webhooks.map(reachable), canary.entry('validate')] },
  ];
  const stdin = manifests.map((manifest) => stringify(manifest)).join('---\n');
  await mustSucceed(kubectl(['apply', '-f', '-'], { stdin }));
  await canary.heard(kubectl);
}

/** Fails unless the webhook on this port says that it is ready. */
export async function probe(port: number, host = '127.0.0.1'): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    request({ host, port, path: '/readyz', rejectUnauthorized: false }, (answer) => {
      answer.resume();
      if (answer.statusCode === 200) resolve();
      else reject(new Error(`/readyz says ${answer.statusCode ?? 0}`));
    })
      .on('error', reject)
      .end();
  });
}
