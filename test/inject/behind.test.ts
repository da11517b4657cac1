import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { admit, type Engine } from '../../src/engine/admit.ts';
import { UnknownAnswerError } from '../../src/errors.ts';
import {
  aConfig,
  aDeployment,
  anEngine,
  aPodWith,
  aRequest,
  aTenant,
  recordAt,
  today,
} from '../builders.ts';
import { injected } from './admission-cycle.ts';
import { annotationsOf } from './expected-identity.ts';

/** Replicas share their keys; one of them has read something first. */
const older = anEngine();
const newer = anEngine({ tenants: [aTenant({ env: [{ name: 'NEW', value: 'x' }] })] });

const unknown =
  'the pod has its identity from tenants or a config that this replica has not read yet; create it again';

async function answer(object: JsonRecord, engine: Engine): Promise<string> {
  try {
    const { decision } = await admit(aRequest({ object }), engine);
    return decision.allowed ? 'allowed' : decision.message;
  } catch (error) {
    if (error instanceof UnknownAnswerError) return error.message;
    throw error;
  }
}

/** The engine that reads `latest` when it reads anew; `reads` counts. */
function reading(
  engine: Engine,
  latest: Engine,
): { readonly engine: Engine; readonly reads: () => number } {
  let reads = 0;
  const readAnew = (): Promise<Engine['surroundings']> => {
    reads++;
    return Promise.resolve(latest.surroundings);
  };
  return {
    engine: { ...engine, surroundings: { ...engine.surroundings, readAnew } },
    reads: () => reads,
  };
}

describe('a replica that is behind', () => {
  const other = { name: 'other', namespaces: ['other'] };
  const sharing = aTenant({
    ...other,
    buckets: [{ name: 'other-data', sharedWith: [{ tenant: 'payments' }] }],
  });

  it.each<readonly [string, Engine, Engine]>([
    ['a declaration', older, newer],
    [
      'grants that another tenant shared',
      anEngine({ tenants: [aTenant(), aTenant(other)] }),
      anEngine({ tenants: [aTenant(), sharing] }),
    ],
    [
      'a config with another endpoint',
      older,
      anEngine({ config: aConfig({ storage: { endpoints: ['https://s3.example.com'] } }) }),
    ],
    [
      'a config with another audience and CA',
      older,
      anEngine({
        config: aConfig({ storage: { sts: { audience: 'store' }, ca: { configMap: 'store-ca' } } }),
      }),
    ],
    [
      'a config with another trust domain',
      older,
      anEngine({ config: aConfig({ mesh: { trustDomain: 'prod.example' } }) }),
    ],
    [
      'a declaration and a config',
      older,
      anEngine({
        tenants: [aTenant({ env: [{ name: 'NEW', value: 'x' }] })],
        config: aConfig({ storage: { region: 'eu-1' } }),
      }),
    ],
  ])('by %s does not deny what another injected, but asks for a retry', async (_, from, to) => {
    const pod = await injected(aRequest(), to);
    expect(await answer(pod, from)).toBe(unknown);
    expect(await answer(pod, to)).toBe('allowed');
  });

  it('does not know a bucket either that the pod was granted elsewhere', async () => {
    const granting = anEngine({
      tenants: [aTenant({ buckets: [{ name: 'payments-ledger' }, { name: 'payments-new' }] })],
    });
    const object = aPodWith({ env: [{ name: 'S3_BUCKET', value: 'payments-new' }] });
    const pod = await injected(aRequest({ object }), granting);
    expect(await answer(pod, older)).toBe(unknown);
    const { engine, reads } = reading(older, granting);
    expect(await answer(pod, engine)).toBe('allowed');
    expect(reads()).toBe(1);
  });

  it('reads anew and judges again', async () => {
    const { engine, reads } = reading(older, newer);
    expect(await answer(await injected(aRequest(), newer), engine)).toBe('allowed');
    expect(reads()).toBe(1);
  });

  it('asks for a retry when reading anew explains nothing', async () => {
    const { engine, reads } = reading(older, older);
    expect(await answer(await injected(aRequest(), newer), engine)).toBe(unknown);
    expect(reads()).toBe(1);
  });

  it('does not answer when it cannot read anew', async () => {
    const readAnew = (): Promise<never> => Promise.reject(new UnknownAnswerError('no way'));
    const engine = { ...older, surroundings: { ...older.surroundings, readAnew } };
    expect(await answer(await injected(aRequest(), newer), engine)).toBe('no way');
  });

  it('only warns where the rule only warns', async () => {
    const warning = anEngine({ config: aConfig({ rules: { 'storage-identity': ['Warn'] } }) });
    expect(await answer(await injected(aRequest(), newer), warning)).toBe('allowed');
  });

  it('that was started after a change does not deny what a replica from before it injected', async () => {
    expect(await answer(await injected(aRequest(), older), newer)).toBe(unknown);
  });
});

describe('a wrong pod is denied however new its attestation may be', () => {
  const storeMoved = anEngine({
    config: aConfig({ storage: { endpoints: ['https://s3.example.com'] } }),
  });
  const withEnv = (pod: JsonRecord, name: string, value: string): JsonRecord => {
    const container = recordAt(pod, 'spec', 'containers', 0);
    const env = [...(container['env'] as readonly object[]), { name, value }];
    return {
      ...pod,
      spec: { ...recordAt(pod, 'spec'), containers: [{ ...container, env }] },
    };
  };
  const annotated = (pod: JsonRecord, key: string, value: string): JsonRecord => ({
    ...pod,
    metadata: {
      ...recordAt(pod, 'metadata'),
      annotations: { ...annotationsOf(pod), [key]: value },
    },
  });

  it.each<{
    readonly what: string;
    readonly signer: Engine;
    readonly change: (pod: JsonRecord) => JsonRecord;
    readonly reason: string;
  }>([
    {
      what: 'another role, which no declaration changes',
      signer: newer,
      change: (pod) => withEnv(pod, 'AWS_ROLE_ARN', 'other'),
      reason: 'variable "AWS_ROLE_ARN" is set to "other", but Bucketwarden injects',
    },
    {
      what: 'endpoints ignored',
      signer: storeMoved,
      change: (pod) => withEnv(pod, 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'true'),
      reason: "makes SDKs ignore the store's endpoint",
    },
    {
      what: 'the name of another tenant',
      signer: storeMoved,
      change: (pod) => annotated(pod, 'bucketwarden.io/tenant', 'analytics'),
      reason: '"analytics" is not the injected "payments"',
    },
    {
      what: 'another session name',
      signer: storeMoved,
      change: (pod) => withEnv(pod, 'AWS_ROLE_SESSION_NAME', 'other'),
      reason: 'variable "AWS_ROLE_SESSION_NAME" is set to "other", but Bucketwarden injects',
    },
  ])('$what', async ({ signer, change, reason }) => {
    const pod = change(await injected(aRequest(), signer));
    const { engine, reads } = reading(older, older);
    expect(await answer(pod, engine)).toContain(reason);
    expect(reads()).toBe(1);
  });

  it('with an attestation of its account from long ago', async () => {
    const since = { state: older.surroundings.state, now: today };
    const later = new Date(today.getTime() + 3_600_000);
    const engine = anEngine({
      tenants: [aTenant({ env: [{ name: 'NEW', value: 'x' }] })],
      replaced: since,
      now: () => later,
    });
    const pod = withEnv(await injected(aRequest(), older), 'NEW', 'y');
    expect(await answer(pod, engine)).toContain('was signed for another identity');
    expect(await answer(pod, engine)).toContain(
      'variable "NEW" is set to "y", but Bucketwarden injects "x"',
    );
  });

  it('with an attestation under a config from long ago', async () => {
    const later = new Date(today.getTime() + 3_600_000);
    const engine = anEngine({
      config: aConfig({ storage: { endpoints: ['https://s3.example.com'] } }),
      replaced: { state: older.surroundings.state, now: today },
      now: () => later,
    });
    expect(await answer(await injected(aRequest(), older), engine)).toContain(
      'was signed for another identity',
    );
  });

  it.each([
    ['another account', { name: 'payments' }, 'other'],
    ['another tenant', { name: 'analytics', namespaces: ['payments'] }, 'ledger-writer'],
  ])('with an attestation for %s', async (_, tenant, serviceAccountName) => {
    const signer = anEngine({
      tenants: [aTenant({ ...tenant, env: [{ name: 'A', value: 'b' }] })],
    });
    const foreign = await injected(
      aRequest({ object: { ...aPodWith({}), spec: specOf(serviceAccountName) } }),
      signer,
    );
    const attestation = String(annotationsOf(foreign)['bucketwarden.io/attestation']);
    const pod = annotated(
      await injected(aRequest(), older),
      'bucketwarden.io/attestation',
      attestation,
    );
    expect(await answer(pod, older)).toContain('was signed for another identity');
  });

  it('and nothing is read anew for a key that is not known, nor for a template', async () => {
    const { engine, reads } = reading(older, older);
    const pod = await injected(aRequest(), newer);
    const forged = String(annotationsOf(pod)['bucketwarden.io/attestation']).replace(
      /.{20}$/,
      'A'.repeat(20),
    );
    expect(await answer(annotated(pod, 'bucketwarden.io/attestation', forged), engine)).toContain(
      'is not signed by a known key',
    );
    const template = { metadata: { annotations: annotationsOf(pod) } };
    expect(await answer(aDeployment({}, { template: template.metadata }), engine)).toContain(
      'was signed for another identity',
    );
    expect(reads()).toBe(0);
  });
});

function specOf(serviceAccountName: string): JsonRecord {
  return { serviceAccountName, containers: [{ name: 'report', image: 'report:1' }] };
}
