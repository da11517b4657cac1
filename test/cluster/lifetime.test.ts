import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordOf, textOf, valueAt } from '../../src/admission/json.ts';
import { eventually } from '../eventually.ts';
import { describeOnCluster } from './cluster.ts';
import { denialOf, kubectlFor, mustSucceed, type KubectlResult } from './kubectl.ts';
import { endTenancy, serveCluster, serveTenancy, type Served } from './served.ts';

const aPod = (name: string, namespace: string, bucket: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: {
    serviceAccountName: namespace === 'payments' ? 'ledger-writer' : 'default',
    containers: [{ name: 'a', image: 'a:1', env: [{ name: 'S3_BUCKET', value: bucket }] }],
  },
});

describeOnCluster('pods that existed before a change', (cluster) => {
  const kubectl = kubectlFor(cluster);
  const create = (pod: object, ...more: string[]): Promise<KubectlResult> =>
    kubectl(['create', '-f', '-', ...more], { stdin: JSON.stringify(pod) });
  let served: Served | undefined;

  beforeAll(async () => {
    served = await serveTenancy(kubectl, cluster.kubeconfig);
    await mustSucceed(create(aPod('old', 'payments', 'payments-ledger')));
    await mustSucceed(create(aPod('old', 'nobody', 'unheard-of')));
  });

  afterAll(async () => {
    await endTenancy(kubectl, served);
    await kubectl(['delete', 'pods', '--all', '-n', 'payments', '--now']);
    await kubectl(['delete', 'pods', '--all', '-n', 'nobody', '--now']);
  });

  /** Label it, hold it with a finalizer, let it go again. */
  const mustStayManageable = async (namespace: string, round: string): Promise<void> => {
    await mustSucceed(
      kubectl(['label', 'pod', 'old', '-n', namespace, `round=${round}`, '--overwrite']),
    );
    for (const finalizers of [['example.com/hold'], null]) {
      const body = JSON.stringify({ metadata: { finalizers } });
      await mustSucceed(
        kubectl(['patch', 'pod', 'old', '-n', namespace, '--type=merge', '-p', body]),
      );
    }
  };

  it('stay manageable when their grant is taken back', async () => {
    const spec = { buckets: [{ name: 'payments-tmp-*' }] };
    const body = JSON.stringify({ spec });
    await mustSucceed(kubectl(['patch', 'storagetenant', 'payments', '--type=merge', '-p', body]));
    await eventually(async () => {
      const again = await create(aPod('new', 'payments', 'payments-ledger'), '--dry-run=server');
      expect(await denialOf(again)).toMatch(/bucket "payments-ledger" is not granted/);
    });
    await mustStayManageable('payments', 'grant');
  });

  it('stay manageable when the signing key is another, and new pods get that key', async () => {
    const keyOf = async (name: string): Promise<string> => {
      const pod: unknown = JSON.parse(
        await mustSucceed(kubectl(['get', 'pod', name, '-n', 'payments', '-o', 'json'])),
      );
      const jws =
        textOf(valueAt(pod, ['metadata', 'annotations', 'bucketwarden.io/attestation'])) ?? '';
      const header: unknown = JSON.parse(
        Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString(),
      );
      return textOf(recordOf(header)['kid']) ?? '';
    };
    await served?.stop();
    served = await serveCluster(kubectl, cluster.kubeconfig);
    await mustStayManageable('payments', 'key');
    await mustSucceed(create(aPod('new', 'payments', 'payments-tmp-a')));
    expect(await keyOf('new')).not.toBe(await keyOf('old'));
  });

  it('stay manageable when a tenant takes over their namespace', async () => {
    const tenant = {
      apiVersion: 'bucketwarden.io/v1alpha1',
      kind: 'StorageTenant',
      metadata: { name: 'somebody' },
      spec: { namespaces: ['nobody'], buckets: [{ name: 'somebody-data' }] },
    };
    await mustSucceed(kubectl(['create', '-f', '-'], { stdin: JSON.stringify(tenant) }));
    await eventually(async () => {
      const again = await create(aPod('new', 'nobody', 'unheard-of'), '--dry-run=server');
      expect(await denialOf(again)).toMatch(/bucket "unheard-of" is not granted/);
    });
    await mustStayManageable('nobody', 'tenant');
  });

  it('can be deleted', async () => {
    await mustSucceed(kubectl(['delete', 'pod', 'old', '-n', 'payments', '--now']));
    await mustSucceed(kubectl(['delete', 'pod', 'old', '-n', 'nobody', '--now']));
  });
});
