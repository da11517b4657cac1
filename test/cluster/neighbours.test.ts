import { afterAll, beforeAll, expect, it } from 'vitest';
import { listOf, recordOf, valueAt } from '../../src/admission/json.ts';
import type { PatchOperation } from '../../src/admission/json-patch.ts';
import { eventually } from '../eventually.ts';
import { describeOnCluster } from './cluster.ts';
import { denialOf, kubectlFor, mustSucceed, type KubectlResult } from './kubectl.ts';
import { addSecondWebhook } from './second-webhook.ts';
import { endTenancy, serveTenancy, type Served } from './served.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'shared', namespace: 'payments' },
  spec: { serviceAccountName: 'ledger-writer', containers: [{ name: 'a', image: 'a:1' }] },
};

describeOnCluster('another mutating webhook (B1)', (cluster) => {
  const kubectl = kubectlFor(cluster);
  const dryRun = (): Promise<KubectlResult> =>
    kubectl(['create', '--dry-run=server', '-o', 'json', '-f', '-'], {
      stdin: JSON.stringify(pod),
    });
  let served: Served | undefined;

  beforeAll(async () => {
    served = await serveTenancy(kubectl, cluster.kubeconfig);
  });

  afterAll(async () => {
    await endTenancy(kubectl, served);
  });

  /** A registration takes a moment to reach the API server's own cache. */
  const withSecond = async (
    name: string,
    mutate: (pod: unknown) => readonly PatchOperation[],
    judge: (result: KubectlResult) => Promise<void>,
  ): Promise<void> => {
    const second = await addSecondWebhook(kubectl, name, mutate);
    try {
      await eventually(async () => {
        await judge(await dryRun());
      });
    } finally {
      await second.remove();
    }
  };

  const sidecar = { name: 'late', image: 'late:1' };
  const addSidecar = (object: unknown): readonly PatchOperation[] =>
    containersIn(object).some(({ name }) => name === 'late')
      ? []
      : [{ op: 'add', path: '/spec/containers/-', value: sidecar }];

  it.each(['aaa', 'zzz'])('adds a container as %s: it gets the identity, too', async (name) => {
    await withSecond(name, addSidecar, async (result) => {
      const containers = containersIn(JSON.parse(await mustSucceed(result)));
      expect(containers.map((container) => container['name'])).toContain('late');
      for (const container of containers) {
        const names = listOf(container['env']).map((entry) => recordOf(entry)['name']);
        expect(names.filter((variable) => variable === 'AWS_ROLE_ARN')).toHaveLength(1);
      }
    });
  });

  it('changes the service account after us: the identity follows, and the change is judged', async () => {
    const change = (): readonly PatchOperation[] => [
      { op: 'replace', path: '/spec/serviceAccountName', value: 'web' },
    ];
    await withSecond('zzz', change, async (result) => {
      const annotations = annotationsOf(JSON.parse(await mustSucceed(result)));
      expect(annotations['bucketwarden.io/subject']).toBe('system:serviceaccount:payments:web');
    });
  });

  it('removes our work once: it is done again', async () => {
    const strip = (object: unknown): readonly PatchOperation[] =>
      annotationsOf(object)['example.com/stripped'] === undefined
        ? [
            {
              op: 'replace',
              path: '/metadata/annotations',
              value: { 'example.com/stripped': 'yes' },
            },
          ]
        : [];
    await withSecond('zzz', strip, async (result) => {
      expect(annotationsOf(JSON.parse(await mustSucceed(result)))).toMatchObject({
        'example.com/stripped': 'yes',
        'bucketwarden.io/tenant': 'payments',
      });
    });
  });

  it('removes our work whenever it is called: denied', async () => {
    const strip = (object: unknown): readonly PatchOperation[] => [
      { op: 'replace', path: '/metadata/annotations', value: {} },
      ...containersIn(object).map((_container, index): PatchOperation => {
        return { op: 'add', path: `/spec/containers/${index}/env`, value: [] };
      }),
    ];
    await withSecond('zzz', strip, async (result) => {
      expect(await denialOf(result)).toMatch(/\[storage-identity\]/);
    });
  });

  it('points the pod elsewhere whenever it is called: denied', async () => {
    const redirect = (object: unknown): readonly PatchOperation[] =>
      listOf(containersIn(object)[0]?.['env']).flatMap((entry, index): PatchOperation[] =>
        recordOf(entry)['name'] === 'AWS_ENDPOINT_URL_S3'
          ? [
              {
                op: 'replace',
                path: `/spec/containers/0/env/${index}/value`,
                value: 'https://evil.example',
              },
            ]
          : [],
      );
    await withSecond('zzz', redirect, async (result) => {
      expect(await denialOf(result)).toMatch(
        /variable "AWS_ENDPOINT_URL_S3" is set to "[^"]*", but Bucketwarden injects/,
      );
    });
  });
});

function annotationsOf(object: unknown): Readonly<Record<string, unknown>> {
  return recordOf(valueAt(object, ['metadata', 'annotations']));
}

function containersIn(object: unknown): Record<string, unknown>[] {
  return listOf(valueAt(object, ['spec', 'containers'])).map((container) => ({
    ...recordOf(container),
  }));
}
