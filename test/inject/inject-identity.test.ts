import { describe, expect, it } from 'vitest';
import { admit, mutate } from '../../src/engine/admit.ts';
import {
  aConfig,
  aDeployment,
  anEngine,
  aPod,
  aPodWith,
  aRequest,
  aTenant,
  recordAt,
} from '../builders.ts';
import { admitted, patched } from './admission-cycle.ts';
import { annotationsOf, mount, variables, volume } from './expected-identity.ts';

const engine = anEngine();

describe('a plain pod of a tenant', () => {
  it('gets annotations, variables, mount and volume, and nothing else changes', async () => {
    const { object, decision } = await admitted(aPod(), engine);
    expect(decision.message).toBe('');
    const { 'bucketwarden.io/attestation': attestation, ...annotations } = annotationsOf(object);
    expect(attestation).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect({ ...object, metadata: { ...recordAt(object, 'metadata'), annotations } }).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'report',
        namespace: 'payments',
        annotations: {
          'bucketwarden.io/tenant': 'payments',
          'bucketwarden.io/subject': 'system:serviceaccount:payments:ledger-writer',
          'bucketwarden.io/spiffe-id': 'spiffe://cluster.local/ns/payments/sa/ledger-writer',
        },
      },
      spec: {
        serviceAccountName: 'ledger-writer',
        containers: [{ name: 'report', image: 'report:1', env: variables, volumeMounts: [mount] }],
        volumes: [volume],
      },
    });
  });

  it('gets them in init containers and native sidecars, but not in ephemeral containers', async () => {
    const initContainers = [
      { name: 'setup', image: 'a' },
      { name: 'log', image: 'b', restartPolicy: 'Always' },
    ];
    const ephemeralContainers = [{ name: 'debug', image: 'c' }];
    const { object } = await admitted(
      aPod({ spec: { initContainers, ephemeralContainers } }),
      engine,
    );
    expect(recordAt(object, 'spec')['initContainers']).toEqual(
      initContainers.map((one) => ({ ...one, env: variables, volumeMounts: [mount] })),
    );
    expect(recordAt(object, 'spec')['ephemeralContainers']).toEqual(ephemeralContainers);
  });

  it('keeps its own variables, mounts and volumes, in front', async () => {
    const own = {
      env: [{ name: 'A', value: 'b' }],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    };
    const pod = aPod({
      spec: {
        containers: [{ name: 'report', image: 'report:1', ...own }],
        volumes: [{ name: 'data', emptyDir: {} }],
      },
    });
    const { object } = await admitted(pod, engine);
    expect(recordAt(object, 'spec', 'containers', 0)).toMatchObject({
      env: [...own.env, ...variables],
      volumeMounts: [...own.volumeMounts, mount],
    });
    expect(recordAt(object, 'spec')['volumes']).toEqual([{ name: 'data', emptyDir: {} }, volume]);
  });

  it('A15: keeps annotations whose names need escaping, and names with "~" and "/" anywhere', async () => {
    const annotations = { 'a/b~c~1/d': 'x', '~': 'y' };
    const labels = { 'app.kubernetes.io/name': 'report' };
    const { object, decision } = await admitted(
      aPod({ metadata: { annotations, labels } }),
      engine,
    );
    expect(decision.message).toBe('');
    expect(annotationsOf(object)).toMatchObject(annotations);
    expect(recordAt(object, 'metadata', 'labels')).toEqual(labels);
  });

  it('keeps fields that this version has never heard of', async () => {
    const pod = aPod({
      metadata: { future: { x: [1] } },
      spec: {
        future: [{ y: null }],
        containers: [{ name: 'a', future: { z: true }, env: [{ name: 'A', future: 1 }] }],
      },
    });
    const { object } = await admitted(pod, engine);
    expect(recordAt(object, 'metadata')['future']).toEqual({ x: [1] });
    expect(recordAt(object, 'spec')['future']).toEqual([{ y: null }]);
    expect(recordAt(object, 'spec', 'containers', 0)['future']).toEqual({ z: true });
    expect(recordAt(object, 'spec', 'containers', 0, 'env', 0)['future']).toBe(1);
  });

  it('gets the Windows path when it runs there', async () => {
    const { object, decision } = await admitted(
      aPod({ spec: { os: { name: 'windows' } } }),
      engine,
    );
    const file = 'C:\\var\\run\\secrets\\bucketwarden.io\\identity\\token';
    expect(decision.message).toBe('');
    expect(recordAt(object, 'spec', 'containers', 0)['env']).toContainEqual({
      name: 'AWS_WEB_IDENTITY_TOKEN_FILE',
      value: file,
    });
    expect(recordAt(object, 'spec', 'containers', 0, 'volumeMounts', 0)['mountPath']).toBe(
      'C:\\var\\run\\secrets\\bucketwarden.io\\identity',
    );
  });

  it('gets the tenant’s own variables and a private CA of the store', async () => {
    const to = anEngine({
      tenants: [aTenant({ env: [{ name: 'PAYMENTS_REGION', value: 'eu' }] })],
      config: aConfig({ storage: { ca: { configMap: 'store-ca', key: 'tls.pem' } } }),
    });
    const { object, decision } = await admitted(aPod(), to);
    const file = '/var/run/secrets/bucketwarden.io/identity/ca.crt';
    expect(decision.message).toBe('');
    expect(recordAt(object, 'spec', 'containers', 0)['env']).toEqual([
      ...variables,
      { name: 'AWS_CA_BUNDLE', value: file },
      { name: 'NODE_EXTRA_CA_CERTS', value: file },
      { name: 'PAYMENTS_REGION', value: 'eu' },
    ]);
    expect(recordAt(object, 'spec', 'volumes', 0, 'projected')['sources']).toEqual([
      ...volume.projected.sources,
      { configMap: { name: 'store-ca', items: [{ key: 'tls.pem', path: 'ca.crt' }] } },
    ]);
  });
});

describe('an identity is not demanded', () => {
  const mirror = { 'kubernetes.io/config.mirror': 'x' };

  it.each([
    ['of a tenant that wants none', [aTenant({ identity: 'Never' })], aPod()],
    [
      'of a pod that asks for none, where it is on request',
      [aTenant({ identity: 'OnRequest' })],
      aPod(),
    ],
    [
      'of an account without any grant',
      [aTenant({ buckets: [{ name: 'payments-ledger', serviceAccounts: ['other'] }] })],
      aPod(),
    ],
    [
      'of a pod that is a gateway',
      [aTenant()],
      aPod({ spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] } }),
    ],
    ['of a pod without containers', [aTenant()], aPod({ spec: { containers: [] } })],
  ])('%s', async (_, tenants, pod) => {
    const { object, decision } = await admitted(pod, anEngine({ tenants }));
    expect(object).toEqual(pod);
    expect(decision.message).toBe('');
  });

  it('of a template', async () => {
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'report', namespace: 'payments' },
      spec: { template: { spec: recordAt(aPod(), 'spec') } },
    };
    expect((await mutate(aRequest({ object }), engine)).patch).toEqual([]);
    expect((await admit(aRequest({ object }), engine)).decision.message).toBe('');
  });

  it('of a mirror pod that the node itself creates', async () => {
    const object = aPod({ metadata: { annotations: mirror }, spec: { nodeName: 'node-1' } });
    const request = aRequest({ object, userInfo: { username: 'system:node:node-1', groups: [] } });
    expect((await mutate(request, engine)).patch).toEqual([]);
    expect((await admit(request, engine)).decision.message).toBe('');
  });

  it.each([
    ['somebody else says so', 'system:serviceaccount:payments:x', { nodeName: 'node-1' }],
    ['another node says so', 'system:node:node-2', { nodeName: 'node-1' }],
    ['no node is named', 'system:node:', {}],
  ])('but it is of a mirror pod when %s', async (_, username, spec) => {
    const object = aPod({ metadata: { annotations: mirror }, spec });
    const request = aRequest({ object, userInfo: { username, groups: [] } });
    expect((await admit(request, engine)).decision.message).toContain('was not injected');
    expect((await mutate(request, engine)).patch).not.toEqual([]);
  });

  it('and is demanded of a pod that asks, where it is on request', async () => {
    const pod = aPod({
      metadata: { annotations: { 'bucketwarden.io/buckets': 'payments-ledger' } },
    });
    const { object } = await admitted(
      pod,
      anEngine({ tenants: [aTenant({ identity: 'OnRequest' })] }),
    );
    expect(annotationsOf(object)).toHaveProperty(['bucketwarden.io/attestation']);
  });

  const onAws = {
    env: [
      { name: 'AWS_REGION', value: 'eu-west-1' },
      { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::111122223333:role/report' },
      { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/var/run/secrets/eks/token' },
    ],
  };
  const without = [
    ['of a tenant that wants none', { identity: 'Never' }],
    ['of a pod that asks for none, where it is on request', { identity: 'OnRequest' }],
    [
      'of an account without any grant',
      { buckets: [{ name: 'payments-ledger', serviceAccounts: ['other'] }] },
    ],
  ] as const;

  it.each(without)('and the variables of SDKs are the author’s own: %s', async (_, spec) => {
    const to = anEngine({ tenants: [aTenant(spec)] });
    for (const object of [aPodWith(onAws), aDeployment(onAws)]) {
      expect((await admitted(object, to)).decision.message).toBe('');
    }
  });

  it.each(without)('but what bears our names is denied: %s', async (_, spec) => {
    const to = anEngine({ tenants: [aTenant(spec)] });
    const annotations = { 'bucketwarden.io/tenant': 'analytics' };
    const volumes = [{ name: 'bucketwarden-identity', emptyDir: {} }];
    expect((await admitted(aPod({ metadata: { annotations } }), to)).decision.message).toContain(
      'metadata.annotations["bucketwarden.io/tenant"]: "analytics" is not the injected "payments"',
    );
    expect((await admitted(aPod({ spec: { volumes } }), to)).decision.message).toContain(
      'spec.volumes[0]: volume "bucketwarden-identity" is not the injected one',
    );
    // A pod that shows an attestation claims the whole.
    const forged = aPod({
      metadata: { annotations: { 'bucketwarden.io/attestation': 'x.y.z' } },
      spec: { containers: [{ name: 'report', image: 'report:1', ...onAws }] },
    });
    expect((await admitted(forged, to)).decision.message).toContain(
      'env[1]: variable "AWS_ROLE_ARN" is set to "arn:aws:iam::111122223333:role/report", but Bucketwarden injects',
    );
  });
});

describe('outside tenants', () => {
  it('nothing is injected and nothing demanded', async () => {
    const pod = aPod({ metadata: { namespace: 'free' } });
    const { object, decision } = await admitted(pod, engine);
    expect(object).toEqual(pod);
    expect(decision.message).toBe('');
  });

  it.each(['storage', 'istio-system', 'kube-system', 'bucketwarden-system'])(
    'nothing is injected in %s even when a tenant claims it',
    async (namespace) => {
      const to = anEngine({ tenants: [aTenant({ namespaces: [namespace] })] });
      const request = aRequest({ object: aPod({ metadata: { namespace } }) });
      expect((await mutate(request, to)).patch).toEqual([]);
    },
  );
});

describe('a patch', () => {
  it('is the same from both libraries when lists are empty or null', async () => {
    const pod = aPod({
      metadata: { annotations: null },
      spec: { containers: [{ name: 'a', env: null, volumeMounts: [] }], volumes: null },
    });
    const { patch } = await mutate(aRequest({ object: pod }), engine);
    const object = patched(pod, patch);
    expect(recordAt(object, 'spec', 'containers', 0)['env']).toEqual(variables);
    expect(recordAt(object, 'spec')['volumes']).toEqual([volume]);
  });
});
