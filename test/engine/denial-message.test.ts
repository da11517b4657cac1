import { describe, expect, it } from 'vitest';
import { aDeployment, anEngine, aPod, aRequest, aTenant } from '../builders.ts';
import { bucketFix, inNamespace, messageFor } from './questions.ts';

describe('a denial', () => {
  it('says what, where, what is granted, and what to do', async () => {
    const object = aDeployment({
      args: ['s3://other/x'],
      env: [{ name: 'AWS_PROFILE', value: 'x' }],
    });
    expect(await messageFor(aRequest({ object }))).toBe(
      'Deployment "payments/report" of tenant "payments" breaks rules in 2 places:\n' +
        '- [bucket-outside-tenant] spec.template.spec.containers[0].args[0]: bucket "other" is not granted; ' +
        `granted: "payments-ledger ReadWrite". ${bucketFix}\n` +
        '- [static-credentials] spec.template.spec.containers[0].env[0].name: "AWS_PROFILE" makes SDKs read ' +
        'credentials from a file first. Remove it; the injected identity gives the pod short-lived credentials of its own',
    );
  });

  it('spells ten violations out, sorted, and counts the rest', async () => {
    const args = Array.from({ length: 13 }, (_, index) => `s3://other-${index}/x`);
    const [first = '', ...lines] = (
      await messageFor(aRequest({ object: aDeployment({ args }) }))
    ).split('\n');
    expect(first).toBe(
      'Deployment "payments/report" of tenant "payments" breaks rules in 13 places:',
    );
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toBe('- and 3 more');
    expect(lines.slice(0, -1).map((line) => /args\[\d+\]/.exec(line)?.[0])).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((index) => `args[${index}]`),
    );
  });

  it('is the same text for the same object', async () => {
    const args = ['s3://two/x', 's3://one/x'];
    const request = aRequest({ object: aDeployment({ args }) });
    expect(await messageFor(request)).toBe(await messageFor(request, anEngine()));
  });

  it('lists ten grants and counts the rest', async () => {
    const buckets = Array.from({ length: 12 }, (_, index) => ({ name: `own-${10 + index}` }));
    const message = await messageFor(
      aRequest({ object: aDeployment({ args: ['s3://other/x'] }) }),
      anEngine({ tenants: [aTenant({ buckets })] }),
    );
    expect(message).toContain('"own-18 ReadWrite", "own-19 ReadWrite" and 2 more. ');
    expect(message).not.toContain('own-20');
  });

  it('says so when nothing is granted', async () => {
    const to = anEngine({ tenants: [aTenant({ buckets: [] })] });
    expect(
      await messageFor(aRequest({ object: aDeployment({ args: ['s3://other/x'] }) }), to),
    ).toContain('bucket "other" is not granted; nothing is granted here. ');
  });

  it('names a pod that has no name yet by its prefix', async () => {
    const object = aPod({ metadata: { name: undefined, generateName: 'report-' } });
    expect(await messageFor(aRequest({ object }))).toMatch(/^Pod "payments\/report-\*" of tenant/);
  });

  it('does not depend on who asks', async () => {
    const object = aDeployment({ args: ['s3://other/x'] });
    const admin = { username: 'kubernetes-admin', groups: ['system:masters'] };
    const one = await messageFor(aRequest({ object }));
    expect(await messageFor(aRequest({ object, userInfo: admin }))).toBe(one);
    expect(one).not.toBe('');
  });

  it('does not depend on dryRun, nodeName, owners or labels', async () => {
    const spec = { containers: [{ name: 'a', args: ['s3://other/x'] }] };
    const plain = await messageFor(aRequest({ object: aPod({ spec }) }));
    const metadata = {
      labels: { 'bucketwarden.io/tenant': 'analytics', 'bucketwarden.io/ignore': 'true' },
      ownerReferences: [{ kind: 'Node', name: 'x', uid: 'forged' }],
    };
    const object = aPod({ metadata, spec: { ...spec, nodeName: 'node-1' } });
    expect(await messageFor(aRequest({ object, dryRun: true }))).toBe(plain);
    expect(plain).toContain('bucket "other" is not granted');
  });

  it('goes by the namespace of the request, whatever the object says', async () => {
    const object = inNamespace(aDeployment({ args: ['s3://other/x'] }), 'free');
    expect(await messageFor(aRequest({ object, namespace: 'payments' }))).toContain(
      'of tenant "payments"',
    );
  });
});
