import { describe, expect, it } from 'vitest';
import { compilePolicy } from '../../src/engine/compiled-policy.ts';
import { createPolicyState, type PolicyState } from '../../src/engine/state.ts';
import type { StorageTenant } from '../../src/declaration/storage-tenant.ts';
import { aConfig, aTenant } from '../builders.ts';

const start = new Date('2026-12-01T12:00:00Z');
const account = { namespace: 'payments', name: 'ledger-writer' };

describe('the identity before a change', () => {
  it('is accepted for ten minutes, and no longer', () => {
    const first = stateOf([aTenant()]);
    const second = stateOf([changed()], first, start);
    expect(earlierAt(second, 0)).toEqual(identityIn(first));
    expect(earlierAt(second, 599_999)).toEqual(identityIn(first));
    expect(earlierAt(second, 600_000)).toBeUndefined();
  });

  it('outlives changes of other tenants, but not by a second', () => {
    const other = aTenant({ name: 'analytics', namespaces: ['analytics'] });
    const first = stateOf([aTenant(), other]);
    const second = stateOf([changed(), other], first, start);
    const third = stateOf([changed()], second, after(1));
    const fourth = stateOf([changed(), other], third, after(300_000));
    expect(earlierAt(fourth, 599_999)).toEqual(identityIn(first));
    expect(earlierAt(fourth, 600_000)).toBeUndefined();
    expect(stateOf([changed()], fourth, after(600_000)).earlier.size).toBe(0);
  });

  it('gives way to the one of the next change', () => {
    const first = stateOf([aTenant()]);
    const second = stateOf([changed()], first, start);
    const third = stateOf([aTenant({ env: [{ name: 'B', value: '2' }] })], second, after(1_000));
    expect(earlierAt(third, 2_000)).toEqual(identityIn(second));
  });

  it('changes with what others share, and with the config', () => {
    const lender = (access: 'ReadOnly' | 'ReadWrite'): StorageTenant =>
      aTenant({
        name: 'lender',
        namespaces: ['lender'],
        buckets: [{ name: 'lent', sharedWith: [{ tenant: 'payments', access }] }],
      });
    const first = stateOf([aTenant(), lender('ReadOnly')]);
    const second = stateOf([aTenant(), lender('ReadWrite')], first, start);
    expect(earlierAt(second, 0)?.claims.grants).toBe(identityIn(first).claims.grants);
    expect(earlierAt(second, 0)?.claims.grants).not.toBe(identityIn(second).claims.grants);
    const moved = createPolicyState(
      compilePolicy({ config: aConfig({ storage: { region: 'eu-1' } }), tenants: [aTenant()] }),
      { state: stateOf([aTenant()]), now: start },
    );
    expect(earlierAt(moved, 0)?.variables).toContainEqual({
      name: 'AWS_REGION',
      value: 'us-east-1',
    });
  });

  it('is none for a tenant that is new or has not changed', () => {
    const first = stateOf([]);
    const second = stateOf([aTenant()], first, start);
    expect(earlierAt(second, 0)).toBeUndefined();
    expect(earlierAt(stateOf([aTenant()], second, after(1)), 1)).toBeUndefined();
  });
});

function stateOf(
  tenants: readonly StorageTenant[],
  replaced?: PolicyState,
  now: Date = start,
): PolicyState {
  return createPolicyState(
    compilePolicy({ config: aConfig(), tenants }),
    replaced && { state: replaced, now },
  );
}

function changed(): StorageTenant {
  return aTenant({ env: [{ name: 'A', value: '1' }] });
}

function after(milliseconds: number): Date {
  return new Date(start.getTime() + milliseconds);
}

function identityIn(state: PolicyState): ReturnType<PolicyState['identityOf']> {
  const tenant = state.tenants.tenants.get('payments');
  if (tenant === undefined) throw new Error('no such tenant');
  return state.identityOf(tenant, account, false);
}

function earlierAt(
  state: PolicyState,
  milliseconds: number,
): ReturnType<PolicyState['earlierIdentityOf']> {
  const tenant = state.tenants.tenants.get('payments');
  if (tenant === undefined) throw new Error('no such tenant');
  return state.earlierIdentityOf(tenant, account, { isWindows: false, now: after(milliseconds) });
}
