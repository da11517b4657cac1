import { describe, expect, it } from 'vitest';
import { mutate } from '../../src/engine/admit.ts';
import {
  aConfig,
  aDeployment,
  anEngine,
  aPod,
  aPodWith,
  aRequest,
  aServiceEntry,
  aTenant,
} from '../builders.ts';
import { admitted } from '../inject/admission-cycle.ts';
import { bucketFix, inNamespace, messageFor } from './questions.ts';

const engine = anEngine();

describe('a namespace', () => {
  const bad = aDeployment({ args: ['s3://payments-ledger/x', 's3://other/x'] });

  it('that two tenants claim is nobody’s: nothing is granted there', async () => {
    const contested = anEngine({
      tenants: [aTenant(), aTenant({ name: 'analytics', namespaces: ['analytics', 'payments'] })],
    });
    expect(await messageFor(aRequest({ object: bad }), contested)).toBe(
      'Deployment "payments/report" (in a namespace claimed by more than one StorageTenant) breaks rules in 2 places:\n' +
        `- [bucket-outside-tenant] spec.template.spec.containers[0].args[0]: bucket "payments-ledger" is not granted; nothing is granted here. ${bucketFix}\n` +
        `- [bucket-outside-tenant] spec.template.spec.containers[0].args[1]: bucket "other" is not granted; nothing is granted here. ${bucketFix}`,
    );
    expect(
      await messageFor(
        aRequest({ object: aServiceEntry(['api.payments.example.com']) }),
        contested,
      ),
    ).toContain('host "api.payments.example.com" is not granted; nothing is granted here');
    const { object, decision } = await admitted(aPod(), contested);
    expect(object).toEqual(aPod());
    expect(decision.message).toBe('');
  });

  it('whose bucket two tenants claim does not get it either', async () => {
    const tenants = [aTenant(), aTenant({ name: 'analytics', buckets: [{ name: 'payments-*' }] })];
    expect(await messageFor(aRequest({ object: bad }), anEngine({ tenants }))).toContain(
      'bucket "payments-ledger" is not granted',
    );
  });

  it.each(['kube-system', 'bucketwarden-system', 'storage', 'istio-system'])(
    '%s is not judged',
    async (namespace) => {
      const object = inNamespace(aServiceEntry(['*']), namespace);
      expect(await messageFor(aRequest({ object }))).toBe('');
    },
  );

  it('of the infrastructure is judged as one of no tenant, even when a tenant claims it', async () => {
    const to = anEngine({
      tenants: [aTenant({ namespaces: ['payments', 'cert-manager'] })],
      config: aConfig({ infrastructureNamespaces: ['cert-manager'] }),
    });
    expect(await messageFor(aRequest({ object: inNamespace(bad, 'cert-manager') }), to)).toBe(
      'Deployment "cert-manager/report" breaks a rule:\n' +
        '- [bucket-outside-tenant] spec.template.spec.containers[0].args[0]: bucket "payments-ledger" is not granted ' +
        'to this namespace, which belongs to no tenant. Run the workload in a namespace of the tenant, or have the ' +
        'platform team add this namespace to one',
    );
  });

  it('gets its new owner with the next declaration', async () => {
    const to = anEngine({
      tenants: [
        aTenant({ name: 'analytics', namespaces: ['payments'], buckets: [{ name: 'other' }] }),
      ],
    });
    expect(await messageFor(aRequest({ object: bad }), to)).toContain(
      'of tenant "analytics" breaks a rule',
    );
  });
});

describe('a request', () => {
  const bad = aDeployment({ args: ['s3://other/x'] });

  it('for a kind that nobody judges is refused', async () => {
    const object = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'x', namespace: 'payments' },
    };
    const resource = { group: '', version: 'v1', resource: 'secrets' };
    expect(await messageFor(aRequest({ object, resource }))).toBe(
      'Bucketwarden has no rule for Secret (secrets of group ""); remove that resource from the webhook configuration',
    );
  });

  it.each(['resize', 'binding', 'eviction', 'exec'])(
    'for pods/%s is refused',
    async (subResource) => {
      const request = aRequest({ oldObject: aPod(), subResource });
      expect(await messageFor(request)).toBe(
        `Bucketwarden has no rule for Pod (pods/${subResource} of group ""); remove that resource from the webhook configuration`,
      );
      expect((await mutate(request, engine)).patch).toEqual([]);
    },
  );

  it.each(['status', 'scale'])(
    'for a %s passes without a look at the object',
    async (subResource) => {
      expect(await messageFor(aRequest({ object: bad, oldObject: bad, subResource }))).toBe('');
    },
  );

  it('to delete passes', async () => {
    expect(
      await messageFor(aRequest({ object: undefined, oldObject: bad, operation: 'DELETE' })),
    ).toBe('');
  });

  it('with an object that is not what its kind says is answered', async () => {
    for (const spec of [null, { template: null }, { template: { spec: { containers: null } } }]) {
      expect(await messageFor(aRequest({ object: { ...bad, spec } }))).toBe('');
    }
    for (const [spec, found] of [
      [7, 'a number'],
      ['x', 'a string'],
      [[], 'a list'],
    ] as const) {
      expect(await messageFor(aRequest({ object: { ...bad, spec } }))).toContain(
        `spec: must be an object, found ${found}. Give the field its documented type`,
      );
    }
    const entryWith = (spec: unknown): Promise<string> =>
      messageFor(aRequest({ object: { ...aServiceEntry([]), spec } }));
    for (const spec of [null, { hosts: null }]) {
      expect(await entryWith(spec)).toContain('spec.hosts: has no hosts');
    }
    expect(await entryWith({ hosts: 'x' })).toContain('spec.hosts: must be a list, found a string');
  });

  describe('for a configured kind', () => {
    const template = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      podSpec: 'spec.template.spec',
    };
    const to = anEngine({ config: aConfig({ detection: { templates: [template] } }) });
    const rollout = { ...bad, apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' };
    const resource = { group: 'argoproj.io', version: 'v1alpha1', resource: 'rollouts' };

    it('is judged like a built-in one', async () => {
      const expected = (await messageFor(aRequest({ object: bad }))).replace(
        'Deployment',
        'Rollout',
      );
      expect(await messageFor(aRequest({ object: rollout, resource }), to)).toBe(expected);
    });

    it('passes for its status, its scale and its deletion', async () => {
      for (const subResource of ['status', 'scale']) {
        expect(await messageFor(aRequest({ object: rollout, resource, subResource }), to)).toBe('');
      }
      const request = aRequest({
        object: undefined,
        oldObject: rollout,
        resource,
        operation: 'DELETE',
      });
      expect(await messageFor(request, to)).toBe('');
    });

    it('is refused when it is not configured', async () => {
      expect(await messageFor(aRequest({ object: rollout, resource }))).toContain(
        'Bucketwarden has no rule for Rollout (rollouts of group "argoproj.io"); ' +
          'remove that resource from the webhook configuration',
      );
    });
  });
});

describe('/mutate', () => {
  it('never denies', async () => {
    const { decision } = await mutate(
      aRequest({ object: aPodWith({ args: ['s3://other/x'] }) }),
      engine,
    );
    expect(decision.allowed).toBe(true);
    expect(decision.warned).toEqual([]);
  });

  it('signs once for an account', async () => {
    const fresh = anEngine();
    const first = await mutate(aRequest(), fresh);
    const other = await mutate(aRequest({ object: aPod({ metadata: { name: 'other' } }) }), fresh);
    expect(other.patch).toEqual(first.patch);
  });
});
