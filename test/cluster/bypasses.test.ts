import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordOf, type JsonRecord } from '../../src/admission/json.ts';
import { describeOnCluster } from './cluster.ts';
import { denialOf, kubectlFor, mustFail, mustSucceed, type KubectlResult } from './kubectl.ts';
import { endTenancy, serveTenancy, type Served } from './served.ts';

/** Numbers are those of docs/bypasses.md. */
const foreignBucket =
  /^Pod "payments\/[^"]+" of tenant "payments" breaks a rule:\n- \[bucket-outside-tenant\] /;

/** A pod in "payments" that asks for a bucket of "analytics". */
function badPod(metadata: JsonRecord = {}, spec: JsonRecord = {}): JsonRecord {
  const env = [{ name: 'S3_BUCKET', value: 'analytics-raw' }];
  return aPod(metadata, { containers: [{ name: 'a', image: 'a:1', env }], ...spec });
}

function aPod(metadata: JsonRecord = {}, spec: JsonRecord = {}): JsonRecord {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'trick', namespace: 'payments', ...metadata },
    spec: { containers: [{ name: 'a', image: 'a:1' }], ...spec },
  };
}

const annotationsOf = (json: string): JsonRecord =>
  recordOf(recordOf(recordOf(JSON.parse(json))['metadata'])['annotations']);

describeOnCluster('tricks on a real API server', (cluster) => {
  const kubectl = kubectlFor(cluster);
  const create = (object: JsonRecord, ...more: string[]): Promise<KubectlResult> =>
    kubectl(['create', '-f', '-', ...more], { stdin: JSON.stringify(object) });
  const dryRun = (object: JsonRecord, ...more: string[]): Promise<KubectlResult> =>
    create(object, '--dry-run=server', '-o', 'json', ...more);
  let served: Served | undefined;

  beforeAll(async () => {
    served = await serveTenancy(kubectl, cluster.kubeconfig);
  });

  afterAll(async () => {
    await kubectl(['delete', 'pods,deployments', '--all', '-n', 'payments', '--now']);
    await kubectl(['delete', 'namespace', 'brief', '--ignore-not-found']);
    await endTenancy(kubectl, served);
  });

  describe('with the shape of the request', () => {
    it('A1: what was clean when it was created is judged when it changes', async () => {
      const deployment = (bucket: string): JsonRecord => ({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'trick', namespace: 'payments' },
        spec: {
          replicas: 0,
          selector: { matchLabels: { app: 'trick' } },
          template: {
            metadata: { labels: { app: 'trick' } },
            spec: {
              containers: [
                { name: 'a', image: 'a:1', env: [{ name: 'S3_BUCKET', value: bucket }] },
              ],
            },
          },
        },
      });
      await mustSucceed(create(deployment('payments-tmp-a')));
      const stdin = JSON.stringify(deployment('analytics-raw'));
      expect(await denialOf(kubectl(['replace', '-f', '-'], { stdin }))).toContain(
        '"analytics-raw"',
      );
    });

    it('A4: status, scale, resize and binding are never in the way', async () => {
      await mustSucceed(create(aPod({ name: 'plain' }, { schedulerName: 'nobody' })));
      const patch = (resource: string, subresource: string, body: object): Promise<string> =>
        mustSucceed(
          kubectl([
            'patch',
            ...[resource, '-n', 'payments', `--subresource=${subresource}`, '--type=strategic'],
            ...['-p', JSON.stringify(body)],
          ]),
        );
      await patch('pod/plain', 'status', { status: { phase: 'Pending', message: 'waiting' } });
      await patch('deployment/trick', 'scale', { spec: { replicas: 0 } });
      const resources = { requests: { cpu: '1m' } };
      const resize = { spec: { containers: [{ name: 'a', resources }] } };
      await patch('pod/plain', 'resize', resize).catch((error: unknown) => {
        // Without a node the API server itself may object; we are not asked.
        expect(String(error)).not.toContain('bucketwarden');
      });
      const binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: 'plain' },
        target: { kind: 'Node', name: 'none' },
      };
      const path = '/api/v1/namespaces/payments/pods/plain/binding';
      const stdin = JSON.stringify(binding);
      await mustSucceed(kubectl(['create', '--raw', path, '-f', '-'], { stdin }));
    });

    it('A5: a foreign credential in a native sidecar alone is found', async () => {
      const env = [{ name: 'AWS_SECRET_ACCESS_KEY', value: 'x' }];
      const sidecar = { name: 'side', image: 'a:1', restartPolicy: 'Always', env };
      expect(await denialOf(dryRun(aPod({}, { initContainers: [sidecar] })))).toContain(
        '[static-credentials] spec.initContainers[0].env[0].name',
      );
    });

    it('A6: a pod without a name is judged, and named by what is known of its name', async () => {
      const metadata = { namespace: 'payments', generateName: 'trick-' };
      const unnamed = { ...badPod(), metadata };
      expect(await denialOf(dryRun(unnamed))).toMatch(/^Pod "payments\/trick-[a-z0-9*]+"/);
    });

    it('A7: the namespace of the request counts, not that of the body', async () => {
      const stdin = JSON.stringify({ ...badPod(), metadata: { name: 'trick' } });
      const path = '/api/v1/namespaces/payments/pods?dryRun=All';
      const result = await kubectl(['create', '--raw', path, '-f', '-'], { stdin });
      expect(await denialOf(result)).toMatch(foreignBucket);
    });

    it('A9: a dry run is judged alike', async () => {
      const [real, dry] = await Promise.all([create(badPod()), dryRun(badPod())]);
      expect(await denialOf(dry)).toMatch(foreignBucket);
      expect(await denialOf(dry)).toBe(await denialOf(real));
    });

    it('A17: deleting all tenants at once deletes none that has a namespace', async () => {
      const stderr = await mustFail(kubectl(['delete', 'storagetenants', '--all']));
      expect(stderr).toContain('namespace "payments" still exists');
      const left = await mustSucceed(kubectl(['get', 'storagetenants', '-o', 'name']));
      expect(left.trim().split('\n')).toHaveLength(2);
    });
  });

  describe('with who asks', () => {
    it('B3: values of the user in place of ours are denied', async () => {
      const env = [{ name: 'AWS_ROLE_ARN', value: 'arn:minio:iam:::role/other' }];
      const spec = {
        serviceAccountName: 'ledger-writer',
        containers: [{ name: 'a', image: 'a:1', env }],
      };
      expect(await denialOf(dryRun(aPod({}, spec)))).toContain(
        '[storage-identity] spec.containers[0].env[0]',
      );
    });

    it('B5: no group is above the rules, not even that of administrators', async () => {
      const who = await mustSucceed(
        kubectl(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo}']),
      );
      expect(who).toContain('system:masters');
      expect(await denialOf(dryRun(badPod()))).toMatch(foreignBucket);
      const asNode = [
        '--as=system:node:one',
        '--as-group=system:nodes',
        '--as-group=system:masters',
      ];
      const onNode = badPod({}, { nodeName: 'one' });
      expect(await denialOf(dryRun(onNode, ...asNode))).toMatch(foreignBucket);
    });

    it('B6: a pod is no node’s mirror because it says so', async () => {
      const annotations = {
        'kubernetes.io/config.mirror': 'x',
        'kubernetes.io/config.source': 'api',
      };
      // Where identities are only for those who ask: Kubernetes keeps tokens out of mirrors by itself.
      const env = [{ name: 'S3_BUCKET', value: 'payments-ledger' }];
      const spec = { nodeName: 'one', containers: [{ name: 'a', image: 'a:1', env }] };
      const result = await dryRun(aPod({ namespace: 'analytics', annotations }, spec));
      expect(await denialOf(result)).toMatch(
        /^Pod "analytics\/trick" of tenant "analytics" breaks a rule:\n- \[bucket-outside-tenant\] /,
      );
    });

    it('B7: nothing that a caller says of itself is believed', async () => {
      const identity = [
        '--as=system:serviceaccount:analytics:default',
        '--as-group=system:masters',
      ];
      const extra = ['--as-user-extra=bucketwarden.io/tenant=analytics'];
      expect(await denialOf(dryRun(badPod(), ...identity, ...extra))).toMatch(foreignBucket);
    });

    it('B8: a pod that is bound to a node when it is created is judged alike', async () => {
      expect(await denialOf(dryRun(badPod({}, { nodeName: 'one' })))).toMatch(foreignBucket);
    });

    it('B10: a pod made by a kind that nobody knows is judged, whoever owns it', async () => {
      const owner = { apiVersion: 'example.com/v1', kind: 'Spark', name: 'x', uid: 'made-up' };
      const metadata = { ownerReferences: [{ ...owner, controller: true }] };
      expect(await denialOf(dryRun(badPod(metadata)))).toMatch(foreignBucket);
    });
  });

  describe('with whose namespace it is', () => {
    const mark = { 'bucketwarden.io/tenant': 'analytics' };

    it('C1, C3: a label or annotation makes no namespace another tenant’s', async () => {
      await mustSucceed(kubectl(['label', 'ns', 'payments', 'bucketwarden.io/tenant=analytics']));
      await mustSucceed(
        kubectl(['annotate', 'ns', 'payments', 'bucketwarden.io/tenant=analytics']),
      );
      expect(await denialOf(dryRun(badPod()))).toMatch(foreignBucket);
      await mustSucceed(kubectl(['label', 'ns', 'payments', 'bucketwarden.io/tenant-']));
      await mustSucceed(kubectl(['annotate', 'ns', 'payments', 'bucketwarden.io/tenant-']));

      const metadata = { name: 'brief', labels: mark, annotations: mark };
      await mustSucceed(create({ apiVersion: 'v1', kind: 'Namespace', metadata }));
      const pod = badPod({ namespace: 'brief' }, { serviceAccountName: 'default' });
      expect(await denialOf(dryRun(pod))).toContain('which belongs to no tenant');
    });

    it('C4: no label of a system namespace is read', async () => {
      await mustSucceed(kubectl(['label', 'ns', 'kube-system', 'bucketwarden.io/tenant=payments']));
      const pod = aPod({ namespace: 'kube-system' });
      expect(annotationsOf(await mustSucceed(dryRun(pod)))).toEqual({});
      await mustSucceed(kubectl(['label', 'ns', 'kube-system', 'bucketwarden.io/tenant-']));
    });

    it('C5: there is no label that opts out', async () => {
      const labels = {
        'bucketwarden.io/ignore': 'true',
        'admission.bucketwarden.io/exempt': 'true',
        'control-plane': 'controller-manager',
      };
      const words = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      await mustSucceed(kubectl(['label', 'ns', 'payments', ...words]));
      expect(await denialOf(dryRun(badPod({ labels, annotations: labels })))).toMatch(
        foreignBucket,
      );
      await mustSucceed(
        kubectl(['label', 'ns', 'payments', ...Object.keys(labels).map((key) => `${key}-`)]),
      );
    });

    it.each(['Payments', ' payments', 'payments ', 'payments.', 'pаyments', '', 'p'.repeat(64)])(
      'C6: a tenant cannot list "%s"',
      async (namespace) => {
        const tenant = {
          apiVersion: 'bucketwarden.io/v1alpha1',
          kind: 'StorageTenant',
          metadata: { name: 'look-alike' },
          spec: { namespaces: [namespace] },
        };
        expect(await mustFail(dryRun(tenant))).toMatch(
          /spec\.namespaces\[0\]: (Invalid value|Too long)/,
        );
      },
    );

    it('C7, C8: a namespace that has just come, or come again, has its owner at once', async () => {
      const namespace = JSON.stringify({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'payments-batch' },
      });
      for (let round = 0; round < 2; round++) {
        await mustSucceed(kubectl(['delete', 'ns', 'payments-batch', '--timeout=10m']));
        await mustSucceed(kubectl(['create', '-f', '-'], { stdin: namespace }));
        const pod = badPod({ namespace: 'payments-batch' }, { serviceAccountName: 'default' });
        // The webhook answers before anybody has made the account the pod runs as.
        const path = '/apis/apps/v1/namespaces/payments-batch/replicasets?dryRun=All';
        const template = { metadata: { labels: { app: 'x' } }, spec: pod['spec'] };
        const replicaSet = {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          metadata: { name: 'trick' },
          spec: { selector: { matchLabels: { app: 'x' } }, template },
        };
        const stdin = JSON.stringify(replicaSet);
        const result = await kubectl(['create', '--raw', path, '-f', '-'], { stdin });
        expect(await denialOf(result)).toMatch(/^ReplicaSet .* of tenant "payments"/);
      }
    });

    it('C10: a namespace of no tenant gets no identity', async () => {
      const pod = aPod({ namespace: 'nobody' }, { serviceAccountName: 'default' });
      expect(annotationsOf(await mustSucceed(dryRun(pod)))).toEqual({});
    });

    it('C11: owner references and a made-up UID change nothing', async () => {
      const owner = { apiVersion: 'v1', kind: 'Namespace', name: 'analytics', uid: 'made-up' };
      expect(await denialOf(dryRun(badPod({ ownerReferences: [owner], uid: 'made-up' })))).toMatch(
        foreignBucket,
      );
    });
  });
});
