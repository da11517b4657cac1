import { describe, expect, it } from 'vitest';
import { valueAt, type JsonRecord } from '../../src/admission/json.ts';
import { anEngine, aPod, aRequest, aTenant } from '../builders.ts';
import { messageFor } from '../engine/questions.ts';
import { admitted } from '../inject/admission-cycle.ts';

const engine = anEngine();

function tokenFor(audience: string, volume = 'mine'): JsonRecord {
  const sources = [{ serviceAccountToken: { audience, path: 'token' } }];
  return { name: volume, projected: { sources } };
}

const proxy = {
  name: 'istio-proxy',
  image: 'docker.io/istio/proxyv2:1.30.3',
  volumeMounts: [{ name: 'istio-token', mountPath: '/var/run/secrets/tokens' }],
};

describe('a token that a pod projects by itself', () => {
  it('for the store is denied beside the injected one', async () => {
    const { decision } = await admitted(aPod({ spec: { volumes: [tokenFor('minio')] } }), engine);
    expect(decision.message).toBe(
      'Pod "payments/report" of tenant "payments" breaks a rule:\n' +
        '- [storage-token-audience] spec.volumes[0].projected.sources[0].serviceAccountToken.audience: ' +
        'audience "minio" is reserved for the tokens that are injected. Remove the token from the volume; ' +
        'pods of a tenant get one for the store without asking',
    );
  });

  it('for the store is denied under the name of the injected volume, outside tenants', async () => {
    const volumes = [tokenFor('minio', 'bucketwarden-identity')];
    const object = aPod({ metadata: { namespace: 'free' }, spec: { volumes } });
    expect(await messageFor(aRequest({ object }), engine)).toContain('[storage-token-audience]');
  });

  it('for istiod passes where only the sidecar reads it', async () => {
    const spec = {
      containers: [{ name: 'web', image: 'web:1' }, proxy],
      volumes: [tokenFor('istio-ca', 'istio-token')],
    };
    const object = aPod({ metadata: { namespace: 'free' }, spec });
    expect(await messageFor(aRequest({ object }), engine)).toBe('');
  });

  it.each([
    ['another container reads it, too', [{ ...proxy, name: 'web' }, proxy], 'istio-token'],
    ['nothing reads it', [{ name: 'web', image: 'web:1' }], 'istio-token'],
    ['the image is not the mesh’s', [{ ...proxy, image: 'evil/proxyv2:1' }], 'istio-token'],
    ['the volume has another name', [proxy], 'mine'],
  ])('for istiod is denied where %s', async (_, containers, volume) => {
    const spec = { containers, volumes: [tokenFor('istio-ca', volume)] };
    const object = aPod({ metadata: { namespace: 'free' }, spec });
    expect(await messageFor(aRequest({ object }), engine)).toContain(
      'audience "istio-ca" is reserved',
    );
  });

  it('under the name of the injected volume is denied for an account without any grant', async () => {
    const tenant = aTenant({ buckets: [{ name: 'payments-ledger', serviceAccounts: ['other'] }] });
    const to = anEngine({ tenants: [tenant] });
    const wanted = await admitted(aPod(), engine);
    const volumes = valueAt(wanted.object, ['spec', 'volumes']);
    const annotations = { 'bucketwarden.io/attestation': 'x' };
    const object = aPod({ metadata: { annotations }, spec: { volumes } });
    expect(await messageFor(aRequest({ object }), to)).toContain('[storage-token-audience]');
  });

  it('is looked for once in each container, however many tokens there are', async () => {
    let reads = 0;
    const container = {
      name: 'web',
      image: 'web:1',
      get volumeMounts(): unknown[] {
        reads++;
        return [];
      },
    };
    const projection = { serviceAccountToken: { audience: 'istio-ca', path: 'token' } };
    const sources = Array.from({ length: 1000 }, () => projection);
    const volumes = [1, 2, 3].map(() => ({ name: 'istio-token', projected: { sources } }));
    const object = aPod({
      metadata: { namespace: 'free' },
      spec: { containers: [container], volumes },
    });
    expect(await messageFor(aRequest({ object }), engine)).toContain('in 3000 places');
    // Once for the types of its fields, once for who reads the volume.
    expect(reads).toBeLessThanOrEqual(3);
  });
});
