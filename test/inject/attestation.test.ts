import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { admit, mutate, type Engine } from '../../src/engine/admit.ts';
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

  it('of ours is mended where another webhook changed our work', async () => {
    const before = await stored(aPod());
    const env = variables.map((one) => (one.name === 'AWS_REGION' ? { ...one, value: 'eu' } : one));
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
    [
      'signed by somebody else',
      async () =>
        aForger().sign(
          engine.surroundings.state.identityOf(
            tenantOfTests(),
            { namespace: 'payments', name: 'ledger-writer' },
            false,
          ).claims,
        ),
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

  function tenantOfTests(): NonNullable<
    ReturnType<Engine['surroundings']['state']['tenants']['tenantOf']>
  > {
    const tenant = engine.surroundings.state.tenants.tenantOf('payments');
    if (tenant === undefined) throw new Error('no tenant');
    return tenant;
  }
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
    expect(decision.message).toContain('env[8]: variable "OLD" is not the injected "y"');
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
