import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { defaultConfig } from '../../src/declaration/load.ts';
import { compilePolicy } from '../../src/engine/compiled-policy.ts';
import { toStoredTenant, type StoredTenant } from '../../src/kube/stored-tenant.ts';
import { buildTenantStatus, hasStatus, type TenantStatus } from '../../src/kube/tenant-status.ts';

const created = '2027-01-01T10:00:00Z';
const later = '2027-01-05T08:00:00Z';

describe('the namespaces in the status of a tenant', () => {
  it('existed before, or have been created since', () => {
    const status = statusOf(stored(['old', 'new', 'missing']), {
      old: '2026-12-31T00:00:00Z',
      new: '2027-01-01T10:00:01Z',
    });
    expect(status.namespaces).toEqual([
      { name: 'old', listedSince: created, existedBefore: true },
      { name: 'new', listedSince: created, existedBefore: false },
      { name: 'missing', listedSince: created, existedBefore: false },
    ]);
    expect(status.counts).toMatchObject({ namespaces: 3, preexistingNamespaces: 1 });
    expect(readyOf(status)).toBe(
      'valid, without conflict, in force; namespaces that existed before they were listed: "old"; ' +
        'recreate their pods, and check what else is in them',
    );
  });

  it('that were created since need no words', () => {
    const status = statusOf(stored(['new']), { new: later });
    expect(readyOf(status)).toBe('valid, without conflict, in force');
  });

  it('that are listed later are compared with the time of that change', () => {
    const first = statusOf(stored(['a']), {});
    const times = { a: '2027-01-02T00:00:00Z', b: '2027-01-02T00:00:00Z' };
    const grown = {
      ...stored(['a', 'b'], { generation: 2, writtenAt: later }),
      status: asSeen(first),
    };
    expect(statusOf(grown, times).namespaces).toEqual([
      { name: 'a', listedSince: created, existedBefore: false },
      { name: 'b', listedSince: later, existedBefore: true },
    ]);
  });

  it('are no longer older once they have been created anew', () => {
    const tenant = stored(['a']);
    const before = statusOf(tenant, { a: '2026-01-01T00:00:00Z' });
    const said = { ...tenant, status: asSeen(before) };
    expect(hasStatus(said, before)).toBe(true);
    const after = statusOf(said, { a: later });
    expect(after.namespaces).toEqual([{ name: 'a', listedSince: created, existedBefore: false }]);
    expect(hasStatus(said, after)).toBe(false);
  });

  it('are counted where there are many', () => {
    const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
    const status = statusOf(
      stored(names),
      Object.fromEntries(names.map((name) => [name, '2026-01-01T00:00:00Z'])),
    );
    expect(readyOf(status)).toContain('"n9" and 2 more; recreate');
  });
});

/** A tenant as the API server has it; `writtenAt` is when its spec was written last. */
function stored(
  namespaces: readonly string[],
  { generation = 1, writtenAt = created }: { generation?: number; writtenAt?: string } = {},
): StoredTenant {
  return toStoredTenant(
    {
      apiVersion: 'bucketwarden.io/v1alpha1',
      kind: 'StorageTenant',
      metadata: {
        name: 'payments',
        uid: 'u',
        generation,
        resourceVersion: '1',
        creationTimestamp: created,
        managedFields: [
          { manager: 'kubectl', time: writtenAt },
          { manager: 'bucketwarden', subresource: 'status', time: '2027-02-01T00:00:00Z' },
        ],
      },
      spec: { namespaces: [...namespaces] },
    },
    undefined,
  );
}

function statusOf(tenant: StoredTenant, times: Readonly<Record<string, string>>): TenantStatus {
  return buildTenantStatus(tenant, {
    policy: compilePolicy({ config: defaultConfig(), tenants: [tenant.declaration] }),
    ruleIds: new Set(),
    creationTimeOf: (namespace) => times[namespace],
    now: new Date('2027-03-01T00:00:00Z'),
  });
}

/** A status as it comes back from the API server. */
function asSeen(status: TenantStatus): JsonRecord {
  return JSON.parse(JSON.stringify(status)) as JsonRecord;
}

function readyOf({ conditions }: TenantStatus): string | undefined {
  return conditions.find(({ type }) => type === 'Ready')?.message;
}
