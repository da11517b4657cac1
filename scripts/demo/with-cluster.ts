import { PassThrough } from 'node:stream';
import { startControlPlane } from '../../test/control-plane/control-plane.ts';
import { kubectlFor, mustSucceed, type Kubectl } from '../../test/cluster/kubectl.ts';
import { probe, registerAt } from '../../test/cluster/register.ts';
import { eventually } from '../../test/eventually.ts';
import { serve } from '../../src/server/serve.ts';
import { story } from './story.ts';
import { heading, indent, paint, print } from './terminal.ts';

/**
 * The same on a real kube-apiserver and etcd, started for the occasion, with the webhook registered and
 * the tenants as objects of the cluster.
 */
export async function playWithCluster(): Promise<void> {
  process.stderr.write('starting a control plane (the first time, it is built: some minutes)\n');
  const controlPlane = await startControlPlane();
  const { kubeconfigPath: kubeconfig, kubectlPath: kubectl } = controlPlane;
  try {
    await playOn(kubeconfig, kubectlFor({ kubectl, kubeconfig }));
  } finally {
    await controlPlane.stop();
  }
}

async function playOn(kubeconfig: string, kubectl: Kubectl): Promise<void> {
  await show(kubectl, ['version']);
  const files = [
    'manifests/base/namespace.yaml',
    'manifests/base/crd-storagetenants.yaml',
    'test/cluster/schemaless-istio-crds.yaml',
  ];
  for (const file of files) await mustSucceed(kubectl(['apply', '-f', file]));
  await mustSucceed(kubectl(['create', 'namespace', 'payments']));
  await mustSucceed(kubectl(['create', 'serviceaccount', 'ledger-writer', '-n', 'payments']));
  await eventually(() => mustSucceed(kubectl(['apply', '-f', 'examples/tenants.yaml'])));
  const server = await serve(
    { host: '127.0.0.1', port: 0, metricsPort: 0, config: 'examples/config.yaml', kubeconfig },
    { stdout: new PassThrough().resume() },
  );
  try {
    await eventually(() => probe(server.port));
    await registerAt(kubectl, { port: server.port, ca: server.caCertificate ?? '' });
    await show(kubectl, ['wait', '--for=condition=Ready', 'storagetenants', '--all']);
    await show(kubectl, ['get', 'stn']);
    await eventually(() => mustSucceed(kubectl(['get', 'sa', 'default', '-n', 'payments'])));
    for (const { file, about } of story) {
      print(heading(about));
      await show(kubectl, ['apply', '-f', file]);
    }
    await show(kubectl, [
      'get',
      'pod',
      'migrate',
      '-n',
      'payments',
      '-o',
      String.raw`jsonpath={.metadata.annotations.bucketwarden\.io/subject}{"\n"}`,
    ]);
  } finally {
    await server.stop();
  }
}

/** Runs a command and prints it with its output, as a terminal would show it. */
async function show(kubectl: Kubectl, words: readonly string[]): Promise<void> {
  print(indent(paint('bold', `$ kubectl ${words.join(' ')}`)));
  const { stdout, stderr, exitCode } = await kubectl(words);
  if (stdout !== '') print(indent(stdout.trimEnd()));
  if (stderr !== '')
    print(
      indent(exitCode === 0 ? paint('yellow', stderr.trimEnd()) : paint('red', stderr.trimEnd())),
    );
  print('');
}
