import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stringify } from 'yaml';
import type { JsonRecord } from '../../src/admission/json.ts';
import { serve, type RunningServer } from '../../src/server/serve.ts';
import { eventually } from '../eventually.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import type { Kubectl } from './kubectl.ts';
import { configWith, probe, registerAt, unregister } from './register.ts';
import { createTenancy, removeTenants } from './tenancy.ts';

/** Bucketwarden running on this machine and registered with the cluster under test. */
export interface Served {
  readonly server: RunningServer;
  /** Its log, line by line, with the line of every request that it has answered. */
  lines(): Promise<readonly string[]>;
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
    lines: () =>
      eventually(async () => {
        const answered = await countAnswers(server);
        const lines = text.split('\n').filter((line) => line !== '');
        const decisions = lines.filter((line) => line.includes('"msg":"decision"'));
        if (decisions.length < answered) throw new Error('the log is not written yet');
        return lines;
      }),
    register,
    stop: () => server.stop(),
  };
}

/** Lines of the log are written in blocks; metrics are up to date. */
async function countAnswers({ metricsPort }: RunningServer): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
  const counters = (await answer.text()).matchAll(/^bucketwarden_requests_total\{.*\} (\d+)$/gm);
  return [...counters].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Brings the cluster to where a suite begins: the example tenants, and the webhook in front of it. */
export async function serveTenancy(kubectl: Kubectl, kubeconfig: string): Promise<Served> {
  await createTenancy(kubectl);
  return serveCluster(kubectl, kubeconfig);
}

/** Takes both away again; what a suite made in the namespaces is its own to delete. */
export async function endTenancy(kubectl: Kubectl, served: Served | undefined): Promise<void> {
  await unregister(kubectl);
  await served?.stop();
  await removeTenants(kubectl);
}
