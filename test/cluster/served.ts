import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stringify } from 'yaml';
import type { JsonRecord } from '../../src/admission/json.ts';
import { loadConfig } from '../../src/declaration/load.ts';
import { mutations } from '../../src/inject/mutations.ts';
import type { WebhookEntry } from '../../src/kube/webhook-configuration.ts';
import { buildRegistration } from '../../src/kube/webhook-registration.ts';
import { rules } from '../../src/rules/index.ts';
import { serve, type RunningServer } from '../../src/server/serve.ts';
import { eventually } from '../eventually.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { mustSucceed, type Kubectl } from './kubectl.ts';

/** Bucketwarden running on this machine and registered with the cluster under test. */
export interface Served {
  readonly server: RunningServer;
  /** Its log, line by line. */
  readonly lines: () => readonly string[];
  /** Registers it again after `unregister`. */
  register(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Serves the tenants of the cluster and registers the webhook as `manifests/` does, with one difference:
 * the API server under test has no network of Services, so it is given a URL.
 */
export async function serveCluster(
  kubectl: Kubectl,
  kubeconfig: string,
  sections: JsonRecord = {},
): Promise<Served> {
  const config = join(temporaryDirectory(), 'config.yaml');
  writeFileSync(config, stringify(configWith(sections)));
  const log = new PassThrough();
  let text = '';
  log.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const server = await serve(
    { host: '127.0.0.1', port: 0, metricsPort: 0, kubeconfig, config },
    { stdout: log },
  );
  await eventually(() => probe(server.port));
  const register = (): Promise<void> =>
    registerAt(kubectl, { port: server.port, ca: server.caCertificate ?? '' }, sections);
  await register();
  return {
    server,
    lines: () => text.split('\n').filter((line) => line !== ''),
    register,
    stop: () => server.stop(),
  };
}

/** Takes the registration away, so that the cluster works without us. */
export async function unregister(kubectl: Kubectl): Promise<void> {
  const kinds = 'mutatingwebhookconfigurations,validatingwebhookconfigurations';
  await mustSucceed(kubectl(['delete', kinds, '--all', '--ignore-not-found']));
}

/** The infrastructure namespace of the registration under test. */
export const infrastructureNamespace = 'infra';

/** A BucketwardenConfig with these sections. */
function configWith(sections: JsonRecord): JsonRecord {
  return {
    apiVersion: 'bucketwarden.io/v1alpha1',
    kind: 'BucketwardenConfig',
    infrastructureNamespaces: [infrastructureNamespace],
    ...sections,
  };
}

/** Registers whoever answers on a port of this machine, in place of a Service in the cluster. */
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
    clientConfig: {
      url: `https://127.0.0.1:${port}${entry.clientConfig.service.path}`,
      caBundle,
    },
  });
  const { mutating, validating } = registration;
  const manifests = [
    { ...mutating, webhooks: mutating.webhooks.map(reachable) },
    { ...validating, webhooks: validating.webhooks.map(reachable) },
  ];
  const stdin = manifests.map((manifest) => stringify(manifest)).join('---\n');
  await mustSucceed(kubectl(['apply', '-f', '-'], { stdin }));
}

/** Fails unless the webhook on this port says that it is ready. */
export async function probe(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false }, (answer) => {
      answer.resume();
      if (answer.statusCode === 200) resolve();
      else reject(new Error(`/readyz says ${answer.statusCode ?? 0}`));
    })
      .on('error', reject)
      .end();
  });
}
