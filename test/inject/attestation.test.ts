import { describe, expect, it } from 'vitest';
import { recordOf, type JsonRecord } from '../../src/admission/json.ts';
import { admit, mutate, type Engine } from '../../src/engine/admit.ts';
import type { AttestationClaims } from '../../src/identity/storage-identity.ts';
import { aForger, anEngine, aPod, aRequest, aTenant, recordAt, today } from '../builders.ts';
import { admitted, injected } from './admission-cycle.ts';
import { annotationsOf, variables } from './expected-identity.ts';

const engine = anEngine();

describe('a pod that carries an attestation', () => {
  /** As stored: what `kubectl get -o yaml` gives back. */
  async function stored(pod: JsonRecord, to: Engine = engine): Promise<JsonRecord> {
    return injected(aRequest({ object: pod }), to);
  }

  it('of ours is left alone', async () => {
    expect((await mutate(aRequest({ object: await stored(aPod()) }), engine)).patch).toEqual([]);
  });

  it('of ours for another account is given the identity of its own', async () => {
    const before = await stored(aPod());
    const spec = { ...recordAt(before, 'spec'), serviceAccountName: 'other' };
    const { object, decision } = await admitted({ ...before, spec }, engine);
    expect(decision.message).toBe('');
    expect(annotationsOf(object)['bucketwarden.io/subject']).toBe(
      'system:serviceaccount:payments:other',
    );
    expect(annotationsOf(object)['bucketwarden.io/attestation']).not.toBe(
      annotationsOf(before)['bucketwarden.io/attestation'],
    );
    expect(recordAt(object, 'spec', 'containers', 0)['env']).toEqual(
      variables.map(({ name, value }) => ({
        name,
        value: value.replace('ledger-writer', 'other'),
      })),
    );
  });

  it('of ours from an earlier declaration is brought up to date', async () => {
    const before = await stored(aPod());
    const later = anEngine({ tenants: [aTenant({ env: [{ name: 'NEW', value: 'x' }] })] });
    const { object, decision } = await admitted(before, later);
    expect(decision.message).toBe('');
    expect(recordAt(object, 'spec', 'containers', 0)['env']).toEqual([
      ...variables,
      { name: 'NEW', value: 'x' },
    ]);
  });

  it('of ours is repaired where another webhook changed our work', async () => {
    const before = await stored(aPod());
    const env = variables.map((one) =>
      one.name === 'AWS_ROLE_ARN' ? { ...one, value: 'eu' } : one,
    );
    const containers = [{ ...recordAt(before, 'spec', 'containers', 0), env }];
    const { object, decision } = await admitted(
      { ...before, spec: { ...recordAt(before, 'spec'), containers } },
      engine,
    );
    expect(decision.message).toBe('');
    expect(object).toEqual(before);
  });

  it('of ours is completed in a container that another webhook added', async () => {
    const before = await stored(aPod());
    const containers = [
      recordAt(before, 'spec', 'containers', 0),
      { name: 'late', image: 'late:1' },
    ];
    const { object, decision } = await admitted(
      { ...before, spec: { ...recordAt(before, 'spec'), containers } },
      engine,
    );
    expect(decision.message).toBe('');
    expect(decision.warned).toEqual([]);
    expect(recordAt(object, 'spec', 'containers', 1)['env']).toEqual(variables);
  });

  it.each([
    ['signed by somebody else for another account', () => aForger().sign(claimsOf('other'))],
    [
      'signed by somebody else for another tenant',
      () => aForger().sign({ ...claimsOf('ledger-writer'), tenant: 'analytics' }),
    ],
    ['of no JWS', () => Promise.resolve('x.y.z')],
    ['that is empty', () => Promise.resolve('')],
    ['that is huge', () => Promise.resolve('x'.repeat(10_000))],
    [
      'without algorithm',
      () => Promise.resolve(`${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`),
    ],
  ])('%s keeps it and is denied', async (_, forge) => {
    const jws = await forge();
    const pod = aPod({ metadata: { annotations: { 'bucketwarden.io/attestation': jws } } });
    const { object, decision } = await admitted(pod, engine);
    expect(annotationsOf(object)['bucketwarden.io/attestation']).toBe(jws);
    expect(decision.message).toBe(
      'Pod "payments/report" of tenant "payments" breaks a rule:\n' +
        '- [storage-identity] metadata.annotations["bucketwarden.io/attestation"]: is not signed by a known key. ' +
        'Leave everything named bucketwarden.io/… and the injected variables to Bucketwarden',
    );
  });

  it('of another pod is worth nothing when /mutate did not run', async () => {
    const foreign = await stored(aPod({ spec: { serviceAccountName: 'other' } }));
    const own = await stored(aPod());
    const attestation = annotationsOf(foreign)['bucketwarden.io/attestation'];
    const annotations = { ...annotationsOf(own), 'bucketwarden.io/attestation': attestation };
    const object = { ...own, metadata: { ...recordAt(own, 'metadata'), annotations } };
    const { decision } = await admit(aRequest({ object }), engine);
    expect(decision.message).toContain(
      '["bucketwarden.io/attestation"]: was signed for another identity',
    );
  });
});

describe('an attestation from before the config was stated', () => {
  async function olderPod(): Promise<JsonRecord> {
    const { attestor } = engine.surroundings;
    const older = await attestor.sign({ ...claimsOf('ledger-writer'), config: '' });
    return withAttestation(await injected(aRequest(), engine), older);
  }

  it('is valid', async () => {
    const { decision } = await admit(aRequest({ object: await olderPod() }), engine);
    expect(decision.message).toBe('');
  });

  it('is replaced when the pod is created anew', async () => {
    expect(await injected(aRequest({ object: await olderPod() }), engine)).toEqual(
      await injected(aRequest(), engine),
    );
  });

  it('does not excuse a wrong part', async () => {
    const object = withEnv(await olderPod(), [{ name: 'AWS_ROLE_ARN', value: 'other' }]);
    const { decision } = await admit(aRequest({ object }), engine);
    expect(decision.message).toContain(
      'variable "AWS_ROLE_ARN" is set to "other", but Bucketwarden injects',
    );
  });
});

describe('a pod whose attestation was signed elsewhere, as after a restore', () => {
  /** As another cluster with the same declarations stored it, with keys of its own. */
  async function restored(
    change: (pod: JsonRecord) => JsonRecord = (pod) => pod,
  ): Promise<JsonRecord> {
    const pod = await injected(aRequest(), engine);
    const claims = {
      ...claimsOf('ledger-writer'),
      generation: 'other',
      grants: 'other',
      config: '',
    };
    return change(withAttestation(pod, await aForger().sign(claims)));
  }

  it('is signed anew, and nothing else in it changes', async () => {
    const pod = await restored();
    const { patch } = await mutate(aRequest({ object: pod }), engine);
    expect(patch).toEqual([
      {
        op: 'replace',
        path: '/metadata/annotations/bucketwarden.io~1attestation',
        value: annotationsOf(await injected(aRequest(), engine))['bucketwarden.io/attestation'],
      },
    ]);
    expect((await admitted(pod, engine)).decision.message).toBe('');
  });

  it('is completed where parts are missing', async () => {
    const before = aPod();
    const attestation = annotationsOf(await restored())['bucketwarden.io/attestation'];
    const pod = withAttestation(before, attestation);
    const { object, decision } = await admitted(pod, engine);
    expect(decision.message).toBe('');
    expect(object).toEqual(await injected(aRequest({ object: before }), engine));
  });

  it.each<readonly [string, (pod: JsonRecord) => JsonRecord, string]>([
    [
      'variable',
      (pod) => withEnv(pod, [{ name: 'AWS_ROLE_ARN', value: 'other' }]),
      'spec.containers[0].env[0]: variable "AWS_ROLE_ARN" is set to "other", but Bucketwarden injects',
    ],
    [
      'variable that no identity has',
      (pod) => withEnv(pod, [{ name: 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', value: 'true' }]),
      'spec.containers[0].env[0].value: "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" makes SDKs ignore',
    ],
    [
      'volume',
      (pod) => ({
        ...pod,
        spec: {
          ...recordAt(pod, 'spec'),
          volumes: [{ name: 'bucketwarden-identity', emptyDir: {} }],
        },
      }),
      'spec.volumes[0]: volume "bucketwarden-identity" is not the injected one',
    ],
    [
      'annotation',
      (pod) => {
        const annotations = {
          ...annotationsOf(pod),
          'bucketwarden.io/spiffe-id': 'spiffe://x/ns/a',
        };
        return { ...pod, metadata: { ...recordAt(pod, 'metadata'), annotations } };
      },
      'metadata.annotations["bucketwarden.io/spiffe-id"]: "spiffe://x/ns/a" is not the injected',
    ],
  ])('is denied, and keeps its attestation, with a wrong %s', async (_, change, reason) => {
    const pod = await restored(change);
    const { object, decision } = await admitted(pod, engine);
    expect(decision.message).toContain(reason);
    expect(decision.message).toContain(
      'metadata.annotations["bucketwarden.io/attestation"]: is not signed by a known key',
    );
    expect(object).toEqual(pod);
  });

  it('is denied when /mutate did not run', async () => {
    const { decision } = await admit(aRequest({ object: await restored() }), engine);
    expect(decision.message).toContain('is not signed by a known key');
  });
});

describe('the declaration before', () => {
  const old = anEngine({ tenants: [aTenant({ env: [{ name: 'OLD', value: 'x' }] })] });

  function engineAt(minutes: number): Engine {
    const now = new Date(today.getTime() + minutes * 60_000);
    return anEngine({ replaced: { state: old.surroundings.state, now: today }, now: () => now });
  }

  it.each([0, 5, 9.99])('still counts %d minutes after a change', async (minutes) => {
    const pod = await injected(aRequest(), old);
    const { decision } = await admit(aRequest({ object: pod }), engineAt(minutes));
    expect(decision.message).toBe('');
  });

  it.each([10, 60])('counts no more %d minutes after a change', async (minutes) => {
    const pod = await injected(aRequest(), old);
    const { decision } = await admit(aRequest({ object: pod }), engineAt(minutes));
    expect(decision.message).toContain(
      '["bucketwarden.io/attestation"]: was signed for another identity',
    );
  });

  it('counts for a whole identity, never for a mixture with the new one', async () => {
    const both = anEngine({
      tenants: [aTenant({ env: [{ name: 'OLD', value: 'y' }] })],
      replaced: { state: old.surroundings.state, now: today },
    });
    const pod = await injected(aRequest(), old);
    const annotations = annotationsOf(await injected(aRequest(), both));
    const mixed = { ...pod, metadata: { ...recordAt(pod, 'metadata'), annotations } };
    const { decision } = await admit(aRequest({ object: mixed }), both);
    expect(decision.message).toContain(
      'env[8]: variable "OLD" is set to "x", but Bucketwarden injects "y"',
    );
  });

  it('only warns of a late container, as the current one does', async () => {
    const pod = await injected(aRequest(), old);
    const containers = [recordAt(pod, 'spec', 'containers', 0), { name: 'late', image: 'late:1' }];
    const object = { ...pod, spec: { ...recordAt(pod, 'spec'), containers } };
    const { decision } = await admit(aRequest({ object }), engineAt(5));
    expect(decision.message).toBe('');
    expect(decision.warned).toHaveLength(1);
  });
});

function claimsOf(name: string): AttestationClaims {
  const { state } = engine.surroundings;
  const tenant = state.tenants.tenantOf('payments');
  if (tenant === undefined) throw new Error('no tenant');
  return state.identityOf(tenant, { namespace: 'payments', name }, false).claims;
}

function withAttestation(pod: JsonRecord, attestation: unknown): JsonRecord {
  const metadata = recordAt(pod, 'metadata');
  const annotations = {
    ...recordOf(metadata['annotations']),
    'bucketwarden.io/attestation': attestation,
  };
  return { ...pod, metadata: { ...metadata, annotations } };
}

function withEnv(pod: JsonRecord, env: readonly JsonRecord[]): JsonRecord {
  const containers = [{ ...recordAt(pod, 'spec', 'containers', 0), env }];
  return { ...pod, spec: { ...recordAt(pod, 'spec'), containers } };
}
