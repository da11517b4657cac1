import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listOf, recordOf, valueAt, type JsonRecord } from '../../src/admission/json.ts';
import { makeCertificates } from '../../src/cli/certs.ts';
import { installCertificates } from '../../src/kube/install-certificates.ts';
import { isConflict, isNotFound } from '../../src/kube/cluster-error.ts';
import { collectIo } from '../cli/collect-io.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { administrator, describeOnCluster } from './cluster.ts';

const registrations = '/apis/admissionregistration.k8s.io/v1';
const namespace = 'certificates-test';

describeOnCluster('installing certificates', ({ kubeconfig }) => {
  beforeEach(async () => {
    const { create } = await administrator(kubeconfig);
    // It stays: a namespace takes seconds to go.
    await create('/api/v1/namespaces', { metadata: { name: namespace } }).catch(passConflict);
    await create(
      `${registrations}/validatingwebhookconfigurations`,
      configuration('ours', ['a.example.com', 'b.example.com']),
    );
    await create(`${registrations}/validatingwebhookconfigurations`, {
      ...configuration('theirs', ['c.example.com']),
      metadata: { name: 'theirs' },
    });
    await create(
      `${registrations}/mutatingwebhookconfigurations`,
      configuration('ours', ['d.example.com']),
    );
  });

  afterEach(async () => {
    const { remove } = await administrator(kubeconfig);
    for (const name of ['ours', 'theirs']) {
      await remove(`${registrations}/validatingwebhookconfigurations/${name}`);
    }
    await remove(`${registrations}/mutatingwebhookconfigurations/ours`);
    for (const name of ['bucketwarden-tls', 'bucketwarden-signing-keys']) {
      await remove(`/api/v1/namespaces/${namespace}/secrets/${name}`).catch(passMissing);
    }
  });

  it('writes nothing when the cluster has no webhook to be trusted, and says what to do first', async () => {
    const { cluster, remove } = await administrator(kubeconfig);
    await remove(`${registrations}/validatingwebhookconfigurations/ours`);
    await remove(`${registrations}/mutatingwebhookconfigurations/ours`);
    const texts = { caBundle: 'ca', certificate: 'c', privateKey: 'k', signingKeys: '{}' };
    await expect(installCertificates(cluster, texts, namespace)).rejects.toThrow(
      'the cluster has no webhook configuration labelled app.kubernetes.io/name=bucketwarden; ' +
        'apply the manifests first, then run this again',
    );
    await expect(
      cluster.ask({ path: `/api/v1/namespaces/${namespace}/secrets/bucketwarden-tls` }),
    ).rejects.toThrow('answered 404');
    for (const kind of ['validating', 'mutating']) {
      await cluster.ask({
        method: 'POST',
        path: `${registrations}/${kind}webhookconfigurations`,
        body: configuration('ours', ['a.example.com']),
      });
    }
  });

  it('makes both Secrets and fills every caBundle of ours, and a second time replaces them', async () => {
    const { cluster } = await administrator(kubeconfig);
    const path = `${registrations}/validatingwebhookconfigurations`;
    const texts = {
      caBundle: await certificateText(),
      certificate: 'certificate',
      privateKey: 'key',
      signingKeys: '{"keys":[]}',
    };

    const written = [
      'MutatingWebhookConfiguration ours',
      'ValidatingWebhookConfiguration ours',
      `Secret ${namespace}/bucketwarden-tls`,
      `Secret ${namespace}/bucketwarden-signing-keys`,
    ];
    expect(await installCertificates(cluster, texts, namespace)).toEqual(written);
    expect(await installCertificates(cluster, { ...texts, privateKey: 'new' }, namespace)).toEqual(
      written,
    );

    const bundle = Buffer.from(texts.caBundle).toString('base64');
    expect(await bundlesOf(`${path}/ours`)).toEqual([bundle, bundle]);
    expect(await bundlesOf(`${path}/theirs`)).toEqual([undefined]);
    expect(await bundlesOf(`${registrations}/mutatingwebhookconfigurations/ours`)).toEqual([
      bundle,
    ]);
    expect(await cluster.ask({ path: `${path}/ours` })).toMatchObject({
      webhooks: [{ name: 'a.example.com', failurePolicy: 'Ignore' }, { name: 'b.example.com' }],
    });
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    const tls = await cluster.ask({ path: `${secrets}/bucketwarden-tls` });
    expect(tls['type']).toBe('kubernetes.io/tls');
    expect(decoded(tls)).toEqual({
      'ca.crt': texts.caBundle,
      'tls.crt': 'certificate',
      'tls.key': 'new',
    });
    const keys = await cluster.ask({ path: `${secrets}/bucketwarden-signing-keys` });
    expect(decoded(keys)).toEqual({ 'signing-keys.json': '{"keys":[]}' });

    async function bundlesOf(object: string): Promise<unknown[]> {
      const { webhooks } = await cluster.ask({ path: object });
      return listOf(webhooks).map((entry) => valueAt(entry, ['clientConfig', 'caBundle']));
    }
  });

  it('is what `bucketwarden certs --install` does with the files it made', async () => {
    const directory = temporaryDirectory();
    const { io, printed } = collectIo({ directory });
    const flags = { dir: 'certs', install: true, kubeconfig, namespace };
    expect(await makeCertificates(flags, io)).toBe(0);
    expect(printed()['stdout.txt'].split('\n').slice(-5)).toEqual([
      'installed MutatingWebhookConfiguration ours',
      'installed ValidatingWebhookConfiguration ours',
      `installed Secret ${namespace}/bucketwarden-tls`,
      `installed Secret ${namespace}/bucketwarden-signing-keys`,
      '',
    ]);
    const { cluster } = await administrator(kubeconfig);
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    const tls = decoded(await cluster.ask({ path: `${secrets}/bucketwarden-tls` }));
    const textOf = (name: string): string => readFileSync(join(directory, 'certs', name), 'utf8');
    expect(tls).toEqual({
      'ca.crt': textOf('ca.crt'),
      'tls.crt': textOf('tls.crt'),
      'tls.key': textOf('tls.key'),
    });

    // A second checkout, which has none of the files, changes nothing.
    const second = collectIo({ directory: temporaryDirectory() });
    expect(await makeCertificates(flags, second.io)).toBe(0);
    expect(second.printed()['stdout.txt']).toContain('taken  certs/signing-keys.json');
    expect(decoded(await cluster.ask({ path: `${secrets}/bucketwarden-tls` }))).toEqual(tls);

    // A third one, which has files of its own, is refused.
    const third = collectIo({ directory: temporaryDirectory() });
    expect(await makeCertificates({ dir: 'certs', namespace }, third.io)).toBe(0);
    await expect(makeCertificates(flags, third.io)).rejects.toThrow('do not continue');
    expect(decoded(await cluster.ask({ path: `${secrets}/bucketwarden-tls` }))).toEqual(tls);
  });
});

function passMissing(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

function passConflict(error: unknown): void {
  if (!isConflict(error)) throw error;
}

async function certificateText(): Promise<string> {
  const { issueCertificates } = await import('../../src/certs/issue.ts');
  const { ca } = await issueCertificates({ dnsNames: ['a.example.com'], now: new Date() });
  return ca.certificate;
}

/** Matches nothing that exists, so that no other test meets it. */
function configuration(name: string, webhooks: readonly string[]): JsonRecord {
  return {
    metadata: { name, labels: { 'app.kubernetes.io/name': 'bucketwarden' } },
    webhooks: webhooks.map((webhook) => ({
      name: webhook,
      clientConfig: { service: { namespace, name: 'bucketwarden', path: '/validate' } },
      rules: [
        {
          apiGroups: ['none.example.com'],
          apiVersions: ['*'],
          operations: ['*'],
          resources: ['*'],
        },
      ],
      failurePolicy: 'Ignore',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    })),
  };
}

function decoded(secret: JsonRecord): Record<string, string> {
  return Object.fromEntries(
    Object.entries(recordOf(secret['data'])).map(([key, text]) => [
      key,
      Buffer.from(String(text), 'base64').toString(),
    ]),
  );
}
