import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOnCluster } from './cluster.ts';
import { denialOf, kubectlFor, mustFail, mustSucceed, type Kubectl } from './kubectl.ts';
import { endTenancy, serveCluster, type Served } from './served.ts';
import { createTenancy } from './tenancy.ts';

/** May do everything to namespaces but nothing to StorageTenants, like an administrator of namespaces. */
const outsider = 'namespace-admin';
/** The same, and may update StorageTenants. */
const insider = 'platform-admin';
const may = {
  [outsider]: [
    {
      apiGroups: [''],
      resources: ['namespaces', 'namespaces/finalize', 'namespaces/status'],
      verbs: ['*'],
    },
  ],
  [insider]: [
    {
      apiGroups: [''],
      resources: ['namespaces', 'namespaces/finalize', 'namespaces/status'],
      verbs: ['*'],
    },
    { apiGroups: ['bucketwarden.io'], resources: ['storagetenants'], verbs: ['update'] },
  ],
};

describeOnCluster('namespaces of tenants', (cluster) => {
  const kubectl = kubectlFor(cluster);
  const as =
    (user: string): Kubectl =>
    (words, options) =>
      kubectl([`--as=${user}`, ...words], options);
  let served: Served | undefined;

  beforeAll(async () => {
    await createTenancy(kubectl);
    // Namespace "late" is listed and not there yet.
    const objects = [...Object.entries(may).map(roleOf), tenantOf('late-tenant', ['late'])];
    await mustSucceed(kubectl(['apply', '-f', '-'], { stdin: objects.join('\n') }));
    await mustSucceed(kubectl(['label', 'ns', 'payments', 'istio-injection=enabled']));
    served = await serveCluster(kubectl, cluster.kubeconfig);
  });

  afterAll(async () => {
    await endTenancy(kubectl, served);
    await kubectl(['label', 'ns', 'payments', 'istio-injection-', 'team-']);
    await kubectl(['delete', 'ns', 'late', 'playground', '--ignore-not-found']);
    await kubectl(['delete', 'clusterrole,clusterrolebinding', outsider, insider]);
  });

  describe('by an account that may not update StorageTenants', () => {
    it('are not created', async () => {
      const result = await as(outsider)(['create', 'namespace', 'late']);
      expect(await denialOf(result)).toBe(
        [
          'Namespace "late" breaks a rule:',
          '- [namespace-labels] metadata.name: namespace "late" is reserved by a StorageTenant. ' +
            'Ask the platform team, who may update StorageTenants, to do it',
        ].join('\n'),
      );
    });

    it.each([
      ['set', ['label', 'ns', 'payments', 'istio.io/dataplane-mode=none'], 'is set to "none"'],
      [
        'changed',
        ['label', 'ns', 'payments', '--overwrite', 'istio-injection=disabled'],
        'is changed from "enabled" to "disabled"',
      ],
      ['removed', ['label', 'ns', 'payments', 'istio-injection-'], 'is removed (it was "enabled")'],
    ])('have no mesh label %s', async (_, words, what) => {
      const result = await as(outsider)(words);
      expect(await denialOf(result)).toMatch(/^Namespace "payments" breaks a rule:\n/);
      expect(await denialOf(result)).toContain(`the mesh's label ${what}. Ask the platform team`);
    });

    it('C2: have none changed through their status', async () => {
      const patch = JSON.stringify({ metadata: { labels: { 'istio-injection': 'disabled' } } });
      const words = [
        'patch',
        'ns',
        'payments',
        '--subresource=status',
        '--type=merge',
        '-p',
        patch,
      ];
      expect(await denialOf(as(outsider)(words))).toContain('metadata.labels.istio-injection: ');
    });

    it('C2: have none changed through their finalizers', async () => {
      const object = JSON.parse(
        await mustSucceed(kubectl(['get', 'ns', 'payments', '-o', 'json'])),
      ) as { metadata: { labels: Record<string, string> } };
      object.metadata.labels['istio.io/rev'] = 'canary';
      const words = ['replace', '--raw', '/api/v1/namespaces/payments/finalize', '-f', '-'];
      const result = await as(outsider)(words, { stdin: JSON.stringify(object) });
      expect(await denialOf(result)).toContain('metadata.labels["istio.io/rev"]: ');
    });

    it('have other labels changed, for which nobody asks us', async () => {
      const before = await judgedNamespaces(served);
      await mustSucceed(as(outsider)(['label', 'ns', 'payments', 'team=payments']));
      expect(await judgedNamespaces(served)).toBe(before);
    });

    it("leave everybody else's alone", async () => {
      await mustSucceed(as(outsider)(['create', 'namespace', 'playground']));
      await mustSucceed(as(outsider)(['label', 'ns', 'playground', 'istio-injection=enabled']));
    });
  });

  it('are created and changed by an account that may, without asking us', async () => {
    const before = await judgedNamespaces(served);
    await mustSucceed(as(insider)(['create', 'namespace', 'late']));
    await mustSucceed(as(insider)(['label', 'ns', 'late', 'istio-injection=enabled']));
    await mustSucceed(as(insider)(['label', 'ns', 'late', 'istio-injection-']));
    expect(await judgedNamespaces(served)).toBe(before);
  });

  it('with more labels than anybody needs can still be annotated and deleted', async () => {
    const labels = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`${'long'.repeat(10)}-${index}`, '']),
    );
    const stdin = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'crowded', labels },
    });
    await mustSucceed(as(outsider)(['create', '-f', '-'], { stdin }));
    await mustSucceed(as(outsider)(['annotate', 'ns', 'crowded', 'note=x']));
    await mustSucceed(as(outsider)(['delete', 'ns', 'crowded', '--timeout=10m']));
  });

  it('while the webhook is down: are deleted and changed, but not made, nor moved in the mesh', async () => {
    await served?.stop();
    const outside = as(outsider);
    await mustSucceed(outside(['label', 'ns', 'payments', '--overwrite', 'team=other']));
    await mustSucceed(outside(['delete', 'ns', 'playground', '--timeout=10m']));
    for (const words of [
      ['create', 'ns', 'another'],
      ['label', 'ns', 'payments', 'istio-injection-'],
    ]) {
      expect(await mustFail(outside(words))).toMatch(
        /failed calling webhook "validate-namespace-labels\.bucketwarden\.io"/,
      );
    }
  });
});

async function judgedNamespaces(served: Served | undefined): Promise<number> {
  const lines = (await served?.lines()) ?? [];
  return lines.filter((line) => line.includes('"gvr":"/v1/namespaces')).length;
}

function roleOf([name, rules]: [string, object]): string {
  const apiGroup = 'rbac.authorization.k8s.io';
  const apiVersion = `${apiGroup}/v1`;
  const metadata = { name };
  return [
    { apiVersion, kind: 'ClusterRole', metadata, rules },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup, kind: 'ClusterRole', name },
      subjects: [{ apiGroup, kind: 'User', name }],
    },
  ]
    .map((object) => JSON.stringify(object))
    .join('\n');
}

function tenantOf(name: string, namespaces: readonly string[]): string {
  return JSON.stringify({
    apiVersion: 'bucketwarden.io/v1alpha1',
    kind: 'StorageTenant',
    metadata: { name },
    spec: { namespaces },
  });
}
