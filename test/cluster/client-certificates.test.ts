import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { serve, type RunningServer } from '../../src/server/serve.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { eventually } from '../eventually.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { clientCertificates } from '../wire/client-certificates.ts';
import { TextSink } from '../wire/wire.ts';
import { describeOnCluster } from './cluster.ts';
import { denialOf, kubectlFor, mustSucceed, type Kubectl } from './kubectl.ts';
import { registerAt } from './register.ts';

/** A control plane of its own, because kube-apiserver reads its AdmissionConfiguration at its start. */
describeOnCluster('an API server that shows a client certificate', () => {
  let controlPlane: ControlPlane;
  let server: RunningServer;
  let kubectl: Kubectl;
  const log = new TextSink();

  beforeAll(async () => {
    const directory = temporaryDirectory();
    const { ca, client } = await clientCertificates();
    const clientCa = join(directory, 'client-ca.crt');
    writeFileSync(clientCa, ca);
    server = await serve(
      {
        host: '127.0.0.1',
        port: 0,
        metricsPort: 0,
        tenants: [new URL('../../examples/tenants.yaml', import.meta.url).pathname],
        clientCa,
        clientName: ['kube-apiserver'],
      },
      { stdout: log },
    );
    const configuration = join(directory, 'admission.yaml');
    const kubeConfigFile = join(directory, 'webhooks.kubeconfig');
    writeFileSync(configuration, admissionConfiguration(kubeConfigFile));
    writeFileSync(kubeConfigFile, webhookKubeconfig(`127.0.0.1:${server.port}`, client));
    controlPlane = await startControlPlane({
      apiServerFlags: { 'admission-control-config-file': configuration },
    });
    const { kubeconfigPath: kubeconfig, kubectlPath } = controlPlane;
    kubectl = kubectlFor({ kubeconfig, kubectl: kubectlPath });
    await mustSucceed(kubectl(['create', 'namespace', 'payments']));
    await eventually(() =>
      mustSucceed(kubectl(['get', 'serviceaccount', 'default', '-n', 'payments'])),
    );
    await registerAt(kubectl, { port: server.port, ca: server.caCertificate ?? '' });
  });

  afterAll(async () => {
    await controlPlane.stop();
    await server.stop();
  });

  it('is answered, and named in each decision line', async () => {
    const run = ['run', 'report', '-n', 'payments', '--image=a:1', '--env=S3_BUCKET=analytics-raw'];
    expect(await denialOf(kubectl(run))).toContain('bucket "analytics-raw" is not granted');
    const decisions = log.lines().filter(({ msg }) => msg === 'decision');
    expect(decisions.map(({ webhook }) => webhook)).toEqual(['mutate', 'validate']);
    for (const { caller, callerAuthenticated } of decisions) {
      expect({ caller, callerAuthenticated }).toEqual({
        caller: 'kube-apiserver',
        callerAuthenticated: true,
      });
    }
  });
});

/** As docs/client-certificates.md has it. */
function admissionConfiguration(kubeConfigFile: string): string {
  return stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: ['MutatingAdmissionWebhook', 'ValidatingAdmissionWebhook'].map((name) => ({
      name,
      configuration: {
        apiVersion: 'apiserver.config.k8s.io/v1',
        kind: 'WebhookAdmissionConfiguration',
        kubeConfigFile,
      },
    })),
  });
}

/** `user` is where the webhook is called: host and port of a URL, or `<service>.<namespace>.svc`. */
function webhookKubeconfig(user: string, { cert, key }: { cert: string; key: string }): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    users: [
      {
        name: user,
        user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) },
      },
    ],
  });
}
