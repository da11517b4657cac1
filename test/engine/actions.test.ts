import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { admit } from '../../src/engine/admit.ts';
import type { Decision } from '../../src/engine/decide.ts';
import { warningText } from '../../src/engine/message.ts';
import {
  aConfig,
  aDeployment,
  anEngine,
  aPod,
  aRequest,
  aServiceEntry,
  aTenant,
  recordAt,
} from '../builders.ts';

/** Breaks bucket-outside-tenant once. */
const badBucket = aDeployment({ args: ['s3://not-granted/x'] });
/** Breaks service-entry-host once. */
const badHost = aServiceEntry(['not.granted.example.com']);

async function decide(
  object: JsonRecord,
  { tenant = {}, config = {} }: { readonly tenant?: JsonRecord; readonly config?: JsonRecord } = {},
): Promise<Decision> {
  const engine = anEngine({ tenants: [aTenant(tenant)], config: aConfig(config) });
  return (await admit(aRequest({ object }), engine)).decision;
}

function outcome({ denied, warned, audited }: Decision): string {
  return [denied.length > 0 && 'Deny', warned.length > 0 && 'Warn', audited.length > 0 && 'Audit']
    .filter((word) => word !== false)
    .join('+');
}

interface Case {
  readonly whose: string;
  readonly config?: JsonRecord;
  readonly tenant?: JsonRecord;
  readonly expected: string;
}

describe('actions of a rule about the tenant’s own objects', () => {
  const rule = 'bucket-outside-tenant';
  it.each<Case>([
    { whose: 'the default of the rule', expected: 'Deny' },
    {
      whose: 'the cluster’s for the rule',
      config: { rules: { [rule]: ['Warn'] } },
      expected: 'Warn',
    },
    {
      whose: 'the tenant’s over the cluster’s',
      config: { rules: { [rule]: ['Warn'] } },
      tenant: { actions: ['Audit'] },
      expected: 'Audit',
    },
    {
      whose: 'the tenant’s over the default',
      tenant: { actions: ['Warn', 'Audit'] },
      expected: 'Warn+Audit',
    },
    {
      whose: 'the tenant’s for the rule over its own',
      tenant: { actions: ['Warn'], ruleActions: { [rule]: ['Deny', 'Audit'] } },
      expected: 'Deny+Audit',
    },
    {
      whose: 'the tenant’s for the rule over the cluster’s',
      config: { rules: { [rule]: ['Deny'] } },
      tenant: { ruleActions: { [rule]: ['Audit'] } },
      expected: 'Audit',
    },
    {
      whose: 'not the tenant’s for another rule',
      tenant: { ruleActions: { 'static-credentials': ['Warn'] } },
      expected: 'Deny',
    },
  ])('are $whose', async ({ expected, ...given }) => {
    expect(outcome(await decide(badBucket, given))).toBe(expected);
  });
});

describe('actions of a rule about harm to others', () => {
  const rule = 'service-entry-host';
  it.each<Case>([
    { whose: 'the default of the rule', expected: 'Deny' },
    { whose: 'the cluster’s', config: { rules: { [rule]: ['Warn'] } }, expected: 'Warn' },
    { whose: 'never the tenant’s', tenant: { actions: ['Warn'] }, expected: 'Deny' },
    {
      whose: 'never the tenant’s for the rule',
      tenant: { ruleActions: { [rule]: ['Audit'] } },
      expected: 'Deny',
    },
    {
      whose: 'the cluster’s over the tenant’s',
      config: { rules: { [rule]: ['Audit'] } },
      tenant: { actions: ['Deny'] },
      expected: 'Audit',
    },
  ])('are $whose', async ({ expected, ...given }) => {
    expect(outcome(await decide(badHost, given))).toBe(expected);
  });
});

describe('actions outside tenants', () => {
  it('are the cluster’s', async () => {
    const object = {
      ...badHost,
      metadata: { name: 'x', namespace: 'free' },
      spec: { ...recordAt(badHost, 'spec'), hosts: ['*.example.com'] },
    };
    expect(outcome(await decide(object))).toBe('Deny');
    const config = { rules: { 'service-entry-wildcard-host': ['Audit'] } };
    expect(outcome(await decide(object, { config }))).toBe('Audit');
  });
});

describe('what cannot be known', () => {
  const hidden = aDeployment({ envFrom: [{ secretRef: { name: 'keys' } }] });
  const secretBucket = aDeployment({
    env: [{ name: 'S3_BUCKET', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
  });

  it('warns at most, whatever is configured', async () => {
    expect(outcome(await decide(hidden))).toBe('Warn');
    const config = { rules: { 'static-credentials': ['Deny', 'Audit'] } };
    expect(outcome(await decide(hidden, { config }))).toBe('Warn+Audit');
  });

  it.each([
    [{}, 'Warn'],
    [{ detection: { secretReferences: ['Deny'] } }, 'Deny'],
    [{ detection: { secretReferences: ['Audit'] } }, 'Audit'],
    [{ rules: { 'bucket-outside-tenant': ['Deny'] } }, 'Warn'],
  ])('of a bucket has actions of its own: %j', async (config, expected) => {
    expect(outcome(await decide(secretBucket, { config }))).toBe(expected);
  });
});

describe('an exemption', () => {
  const byAccount = {
    rule: 'bucket-outside-tenant',
    namespace: 'payments',
    serviceAccount: 'ledger-writer',
    reason: 'PAY-91',
    expires: '2027-01-31',
  };
  const byObject = {
    rule: 'service-entry-host',
    namespace: 'payments',
    kind: 'ServiceEntry',
    name: 'entry',
    reason: 'PAY-12',
    expires: '2027-01-31',
  };
  const twoNamespaces = ['payments', 'payments-batch'];

  it('by account turns denials of its workloads into warnings that say so', async () => {
    const decision = await decide(badBucket, { tenant: { exemptions: [byAccount] } });
    expect(outcome(decision)).toBe('Warn+Audit');
    expect(decision.warned.map(warningText)).toEqual([
      'bucket-outside-tenant: exempt until 2027-01-31 (PAY-91): spec.template.spec.containers[0].args[0]',
    ]);
  });

  it('by object turns denials of this one into warnings, harm to others included', async () => {
    expect(outcome(await decide(badHost, { tenant: { exemptions: [byObject] } }))).toBe(
      'Warn+Audit',
    );
  });

  it.each([
    ['on its last day', '2026-12-01', 'Warn+Audit'],
    ['on the day after', '2026-11-30', 'Deny'],
  ])('counts %s', async (_, expires, expected) => {
    const exemptions = [{ ...byAccount, expires }];
    expect(outcome(await decide(badBucket, { tenant: { exemptions } }))).toBe(expected);
  });

  it.each([
    ['another account', { ...byAccount, serviceAccount: 'other' }],
    ['another rule', { ...byAccount, rule: 'static-credentials' }],
    ['another namespace', { ...byAccount, namespace: 'payments-batch' }],
    ['an object, not the account', { ...byObject, rule: byAccount.rule }],
  ])('for %s does not count', async (_, exemption) => {
    const tenant = { namespaces: twoNamespaces, exemptions: [exemption] };
    expect(outcome(await decide(badBucket, { tenant }))).toBe('Deny');
  });

  it.each([
    ['another name', { ...byObject, name: 'other' }],
    ['another kind', { ...byObject, kind: 'VirtualService' }],
    [
      'an account, which a ServiceEntry has none of',
      { ...byAccount, rule: byObject.rule, serviceAccount: 'default' },
    ],
  ])('for %s does not count for an object', async (_, exemption) => {
    expect(outcome(await decide(badHost, { tenant: { exemptions: [exemption] } }))).toBe('Deny');
  });

  it('never joins with another one into a wider one', async () => {
    const tenant = {
      namespaces: twoNamespaces,
      exemptions: [
        { ...byAccount, namespace: 'payments-batch' },
        { ...byAccount, serviceAccount: 'other' },
        { ...byAccount, rule: 'static-credentials' },
      ],
    };
    expect(outcome(await decide(badBucket, { tenant }))).toBe('Deny');
  });

  it('of one rule leaves the violations of others', async () => {
    const object = aDeployment({
      args: ['s3://not-granted/x'],
      env: [{ name: 'AWS_SECRET_ACCESS_KEY', value: 'x' }],
    });
    const { denied, warned } = await decide(object, { tenant: { exemptions: [byAccount] } });
    expect(denied.map(({ finding }) => finding.rule.id)).toEqual(['static-credentials']);
    expect(warned.map(({ finding }) => finding.rule.id)).toEqual(['bucket-outside-tenant']);
  });

  it('counts only in namespaces of the tenant that has it', async () => {
    const pod = aPod({
      metadata: { namespace: 'analytics' },
      spec: { containers: [{ name: 'a', args: ['s3://not-granted/'] }] },
    });
    const engine = anEngine({
      tenants: [aTenant({ exemptions: [byAccount] }), aTenant({ name: 'analytics' })],
    });
    const { decision } = await admit(aRequest({ object: pod }), engine);
    expect(decision.denied.map(({ finding }) => finding.rule.id)).toContain(
      'bucket-outside-tenant',
    );
  });
});
