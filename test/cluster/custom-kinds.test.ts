import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { JsonRecord } from '../../src/admission/json.ts';
import { thirdParty } from '../third-party.ts';
import { eventually } from '../eventually.ts';
import { describeOnCluster } from './cluster.ts';
import { denialOf, kubectlFor, mustSucceed, type KubectlResult } from './kubectl.ts';
import { endTenancy, serveCluster, type Served } from './served.ts';
import { createTenancy } from './tenancy.ts';

const detection = {
  templates: [
    { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', podSpec: 'spec.template.spec' },
  ],
};

const rollout = (bucket: string, replicas = 1): JsonRecord => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'report', namespace: 'payments' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'report' } },
    strategy: { canary: {} },
    template: {
      metadata: { labels: { app: 'report' } },
      spec: {
        containers: [{ name: 'a', image: 'a:1', env: [{ name: 'S3_BUCKET', value: bucket }] }],
      },
    },
  },
});

/** What no rule of this version judges, though it speaks of hosts and buckets. */
const unjudged = [
  {
    file: 'gateway-api.yaml',
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    spec: { hostnames: ['pay.example.com'] },
  },
  {
    file: 'cosi.yaml',
    apiVersion: 'objectstorage.k8s.io/v1alpha2',
    kind: 'BucketClaim',
    spec: { bucketClassName: 'any', protocols: ['S3'] },
  },
  {
    file: 'objectbucketclaim.yaml',
    apiVersion: 'objectbucket.io/v1alpha1',
    kind: 'ObjectBucketClaim',
    spec: { bucketName: 'payments-tmp-a', storageClassName: 'any' },
  },
];

describeOnCluster('custom kinds', (cluster) => {
  const kubectl = kubectlFor(cluster);
  const apply = (object: JsonRecord): Promise<KubectlResult> =>
    kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(object) });
  const install = async (file: string, fallback?: JsonRecord): Promise<void> => {
    const path = `${thirdParty.data.path}/crds/${file}`;
    const words = ['apply', '--server-side', '-f', existsSync(path) ? path : '-'];
    await mustSucceed(kubectl(words, { stdin: fallback ? stringify(fallback) : '' }));
  };
  let served: Served | undefined;

  beforeAll(async () => {
    await createTenancy(kubectl);
    await install('rollout.yaml', schemalessRollout);
    served = await serveCluster(kubectl, cluster.kubeconfig, { detection });
    await eventually(() => mustSucceed(kubectl(['get', 'rollouts', '-n', 'payments'])));
  });

  afterAll(async () => {
    await endTenancy(kubectl, served);
    await kubectl(['delete', 'rollouts', '-n', 'payments', '--all']);
  });

  describe('with a pod template, that the config names', () => {
    it('are judged when they are created', async () => {
      const result = await apply(rollout('analytics-raw'));
      expect(await denialOf(result)).toMatch(
        /^Rollout "payments\/report" of tenant "payments" breaks a rule:\n- \[bucket-outside-tenant\] spec\.template\.spec\.containers\[0\]\.env\[0\]\.value: bucket "analytics-raw" is not granted/,
      );
    });

    it('are judged when their template changes, and not when only their number does', async () => {
      await mustSucceed(apply(rollout('payments-tmp-a')));
      await mustSucceed(apply(rollout('payments-tmp-a', 2)));
      expect(await denialOf(apply(rollout('analytics-raw', 2)))).toContain('"analytics-raw"');
    });
  });

  it.for(unjudged)(
    '$kind is admitted without our being asked',
    async ({ file, apiVersion, kind, spec }, test) => {
      if (!existsSync(`${thirdParty.data.path}/crds/${file}`)) test.skip(`${file} is not here`);
      await install(file);
      const object = { apiVersion, kind, metadata: { name: 'other', namespace: 'payments' }, spec };
      await eventually(() => mustSucceed(apply(object)));
      const lines = await served?.lines();
      expect(lines?.filter((line) => line.includes('"name":"other"'))).toEqual([]);
      await mustSucceed(kubectl(['delete', kind, 'other', '-n', 'payments']));
    },
  );
});

/** Stands in for Argo's, which has the same names and a hundred more fields. */
const schemalessRollout = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'rollouts.argoproj.io' },
  spec: {
    group: 'argoproj.io',
    names: { kind: 'Rollout', listKind: 'RolloutList', plural: 'rollouts', singular: 'rollout' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    ],
  },
};
