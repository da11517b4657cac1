import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordOf, valueAt, type JsonRecord } from '../../src/admission/json.ts';
import { eventually } from '../eventually.ts';
import { describeOnCluster, tenantObject } from './cluster.ts';
import { denialOf, kubectlFor, mustFail, mustSucceed, type KubectlResult } from './kubectl.ts';
import { unregister } from './register.ts';
import { endTenancy, serveTenancy, type Served } from './served.ts';

/** A granted ServiceEntry that the tests below try to bend. */
const entry = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'ServiceEntry',
  metadata: { name: 'stripe', namespace: 'payments' },
  spec: {
    hosts: ['api.stripe.com'],
    resolution: 'DNS',
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
  },
};
const evil = { spec: { hosts: ['reports.analytics.example.com'] } };
const denied =
  'ServiceEntry "payments/stripe" of tenant "payments" breaks a rule:\n' +
  '- [service-entry-host] spec.hosts[0]: host "reports.analytics.example.com" is not granted; ' +
  'granted: "*.payments.example.com", "api.stripe.com", "pay.example.com". ' +
  'Name a granted host, or have the platform team add this one to egress.hosts of the StorageTenant';

describeOnCluster('changes to objects', (cluster) => {
  const kubectl = kubectlFor(cluster);
  const give = (words: readonly string[], object: object): Promise<KubectlResult> =>
    kubectl([...words, '-f', '-'], { stdin: JSON.stringify(object) });
  const patch = (type: string, body: unknown, ...more: string[]): Promise<KubectlResult> =>
    kubectl([
      'patch',
      'serviceentry',
      'stripe',
      '-n',
      'payments',
      `--type=${type}`,
      '-p',
      JSON.stringify(body),
      ...more,
    ]);
  let served: Served | undefined;

  beforeAll(async () => {
    served = await serveTenancy(kubectl, cluster.kubeconfig);
  });

  afterAll(async () => {
    await endTenancy(kubectl, served);
    await kubectl([
      'delete',
      'serviceentries,deployments,pods',
      '--all',
      '-n',
      'payments',
      '--now',
    ]);
  });

  it('A2: denies the same change by JSON patch, merge patch, replace, apply and server-side apply', async () => {
    await mustSucceed(give(['apply'], entry));
    const changed = { ...entry, spec: { ...entry.spec, ...evil.spec } };
    const tries = [
      patch('json', [{ op: 'replace', path: '/spec/hosts/0', value: evil.spec.hosts[0] }]),
      patch('merge', evil),
      patch('merge', evil, '--dry-run=server'),
      give(['replace'], changed),
      give(['apply'], changed),
      give(['apply', '--server-side', '--force-conflicts'], changed),
    ];
    for (const result of await Promise.all(tries)) {
      expect(await denialOf(result)).toBe(denied);
    }
  });

  it('denies the same change in an editor', async () => {
    const env = { KUBE_EDITOR: 'sed -i s/api.stripe.com/reports.analytics.example.com/' };
    const words = ['edit', 'serviceentry', 'stripe', '-n', 'payments'];
    expect(await mustFail(kubectl(words, { env }))).toContain(denied);
  });

  it('settles: server-side apply twice changes nothing the second time', async () => {
    const apply = (): Promise<string> =>
      mustSucceed(give(['apply', '--server-side', '--force-conflicts', '-o', 'json'], entry));
    const first: unknown = JSON.parse(await apply());
    const second: unknown = JSON.parse(await apply());
    expect(valueAt(first, ['spec', 'exportTo'])).toEqual(['.']);
    expect(resourceVersionOf(second)).toBe(resourceVersionOf(first));
  });

  it('A10: exempts no object because it is being deleted', async () => {
    await mustSucceed(patch('merge', { metadata: { finalizers: ['example.com/hold'] } }));
    await mustSucceed(
      kubectl(['delete', 'serviceentry', 'stripe', '-n', 'payments', '--wait=false']),
    );
    expect(await denialOf(patch('merge', evil))).toBe(denied);
    await mustSucceed(patch('merge', { metadata: { finalizers: null } }));
    await eventually(async () => {
      const stderr = await mustFail(kubectl(['get', 'serviceentry', 'stripe', '-n', 'payments']));
      expect(stderr).toContain('(NotFound)');
    });
  });

  it('B4: judges the pods of a controller, and shows the denial where its Deployment is looked into', async () => {
    // The template alone is fine: only the pod names an account that may not have the bucket.
    const deployment = aDeployment('web', { S3_BUCKET: 'payments-ledger' }, 'ledger-writer');
    await mustSucceed(give(['apply', '--dry-run=server'], deployment));
    const bad = aDeployment('web', { S3_BUCKET: 'payments-ledger' }, 'web');
    expect(await denialOf(give(['apply'], bad))).toMatch(/is not granted to service account "web"/);

    // Created before anybody looked, its pods are still stopped, and the ReplicaSet says why.
    await unregister(kubectl);
    await mustSucceed(give(['create'], { ...bad, spec: { ...bad.spec, replicas: 0 } }));
    await served?.register();
    await mustSucceed(kubectl(['scale', 'deployment', 'web', '-n', 'payments', '--replicas=1']));
    await eventually(async () => {
      const described = await mustSucceed(kubectl(['describe', 'replicasets', '-n', 'payments']));
      expect(described).toContain(
        '[bucket-outside-tenant] spec.containers[0].env[0].value: bucket "payments-ledger" is not granted to service account "web"',
      );
    });
  });

  it('lets what existed before be scaled, labelled, finished and deleted', async () => {
    const get = async (): Promise<JsonRecord> =>
      recordOf(
        JSON.parse(
          await mustSucceed(kubectl(['get', 'deployment', 'web', '-n', 'payments', '-o', 'json'])),
        ),
      );
    await mustSucceed(kubectl(['scale', 'deployment', 'web', '-n', 'payments', '--replicas=2']));
    await mustSucceed(kubectl(['label', 'deployment', 'web', '-n', 'payments', 'touched=yes']));
    await mustSucceed(kubectl(['annotate', 'deployment', 'web', '-n', 'payments', 'note=old']));
    const image = await kubectl(['set', 'image', 'deployment/web', 'a=a:2', '-n', 'payments']);
    expect(await denialOf(image)).toMatch(
      /^Deployment "payments\/web" of tenant "payments" breaks a rule:/,
    );
    expect(valueAt(await get(), ['spec', 'replicas'])).toBe(2);
    await mustSucceed(kubectl(['delete', 'deployment', 'web', '-n', 'payments', '--wait=false']));
  });

  it('follows tenants: created, changed and deleted while running', async () => {
    const tenant = (buckets: readonly string[]): object => ({
      apiVersion: 'bucketwarden.io/v1alpha1',
      kind: 'StorageTenant',
      metadata: { name: 'late' },
      spec: { namespaces: ['late'], buckets: buckets.map((name) => ({ name })) },
    });
    const pod = {
      ...aPod('reader', { S3_BUCKET: 'late-data' }),
      metadata: { name: 'reader', namespace: 'nobody' },
    };
    await mustSucceed(give(['create', '--dry-run=server'], pod));
    await mustSucceed(give(['create'], tenant(['late-data'])));
    await eventually(async () => {
      expect(await denialOf(give(['create', '--dry-run=server'], pod))).toMatch(
        /which belongs to no tenant/,
      );
    });
    await mustSucceed(give(['apply'], tenant(['late-other'])));
    await eventually(async () => {
      await mustSucceed(give(['create', '--dry-run=server'], pod));
    });
    await mustSucceed(kubectl(['delete', 'storagetenant', 'late']));
  });

  it('takes tenants that share with each other, applied one right after the other', async () => {
    for (let round = 0; round < 3; round++) {
      const [owner, receiver] = [`owner-${round}`, `receiver-${round}`];
      const bucket = { name: `${receiver}-data`, sharedWith: [{ tenant: owner }] };
      const tenants = [
        tenantObject(owner, { namespaces: [owner] }),
        tenantObject(receiver, { namespaces: [receiver], buckets: [bucket] }),
      ];
      const stdin = tenants.map((tenant) => JSON.stringify(tenant)).join('\n');
      await mustSucceed(kubectl(['apply', '-f', '-'], { stdin }));
      await mustSucceed(kubectl(['delete', 'stn', receiver, owner]));
    }
  });

  it('denies to delete a tenant while a namespace of it exists', async () => {
    const result = await kubectl(['delete', 'storagetenant', 'analytics', '--wait=false']);
    expect(await denialOf(result)).toBe(
      'StorageTenant "analytics" breaks a rule:\n' +
        '- [storage-tenant] spec.namespaces[0]: namespace "analytics" still exists. ' +
        'Delete the namespaces first, or take them out of the StorageTenant',
    );
  });
});

function resourceVersionOf(object: unknown): unknown {
  return valueAt(object, ['metadata', 'resourceVersion']);
}

function aPod(name: string, env: Readonly<Record<string, string>>): { spec: object } & JsonRecord {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'payments' },
    spec: {
      containers: [
        {
          name: 'a',
          image: 'a:1',
          env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
        },
      ],
    },
  };
}

function aDeployment(
  name: string,
  env: Readonly<Record<string, string>>,
  serviceAccountName: string,
): { spec: object } & JsonRecord {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'payments' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { ...recordOf(aPod(name, env).spec), serviceAccountName },
      },
    },
  };
}
