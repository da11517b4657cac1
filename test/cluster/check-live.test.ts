import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryDirectory } from '../temporary-directory.ts';
import { administrator, describeOnCluster } from './cluster.ts';
import { kubectlFor, mustSucceed } from './kubectl.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const namespace = 'stored-before';

describeOnCluster('checking what is already in a cluster', (cluster) => {
  const kubectl = kubectlFor(cluster);

  beforeAll(async () => {
    const { tenant } = await administrator(cluster.kubeconfig);
    await tenant(namespace, { namespaces: [namespace], buckets: [{ name: 'stored-ledger' }] });
    const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await mustSucceed(kubectl(['apply', '-f', '-'], { stdin }));
  });

  afterAll(async () => {
    const { remove } = await administrator(cluster.kubeconfig);
    await remove(`/apis/bucketwarden.io/v1alpha1/storagetenants/${namespace}`);
    await kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  it('is what docs/install.md says, in plain sh, and finds the pod without identity', () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'manifests/overlays/mine'), { recursive: true });
    cpSync(
      join(root, 'manifests/overlays/example/config.yaml'),
      join(directory, 'manifests/overlays/mine/config.yaml'),
    );
    const programs = {
      kubectl: cluster.kubectl,
      bucketwarden: `${process.execPath}" "${root}src/main.ts`,
    };
    const functions = Object.entries(programs).map(
      ([name, path]) => `${name}() { "${path}" "$@"; }\n`,
    );
    writeFileSync(join(directory, 'block.sh'), functions.join('') + documentedCommand());

    const stdout = execFileSync('sh', ['-eu', 'block.sh'], {
      cwd: directory,
      env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
      encoding: 'utf8',
    });

    const lines = stdout.split('\n').filter((line) => line.includes(` ${namespace}/`));
    expect(lines).toEqual([
      expect.stringMatching(
        /^stdin:\d+:\d+: warn \[storage-identity\] Pod stored-before\/early metadata: the storage identity was not injected$/,
      ),
    ]);
  });
});

/** The commands of the first step of the staged roll-out. */
function documentedCommand(): string {
  const page = readFileSync(join(root, 'docs/install.md'), 'utf8');
  const block = page
    .split('```sh\n')
    .slice(1)
    .map((rest) => rest.slice(0, rest.indexOf('```')))
    .find((text) => text.includes('--live'));
  if (block === undefined) throw new Error('docs/install.md has no command with --live');
  return block;
}

const template = { serviceAccountName: 'early', containers: [{ name: 'app', image: 'app:1' }] };
const objects = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'early', namespace } },
  { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'early', namespace }, spec: template },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'early', namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'early' } },
      template: { metadata: { labels: { app: 'early' } }, spec: template },
    },
  },
];
