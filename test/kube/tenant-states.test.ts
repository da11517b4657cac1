import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { defaultConfig } from '../../src/declaration/load.ts';
import type { BucketwardenConfig } from '../../src/declaration/bucketwarden-config.ts';
import { compilePolicy } from '../../src/engine/compiled-policy.ts';
import { toStoredTenant, type StoredTenant } from '../../src/kube/stored-tenant.ts';
import { TenantStates, type TenantView } from '../../src/kube/tenant-states.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { aConfig } from '../builders.ts';
import { createTestLog } from './log.ts';

const payments = stored('payments', { buckets: [{ name: 'ledger' }] });
const analytics = stored('analytics', { buckets: [{ name: 'reports' }] });
const rival = stored('rival', { buckets: [{ name: 'x-raw' }, { name: 'ledger' }] });

describe('the states of the tenants of a cluster', () => {
  it('are counted', async () => {
    const { examine, gauge } = aLook();
    await examine([payments, analytics]);
    expect(await gauge()).toEqual(['conflict 0', 'invalid 0', 'ready 2']);
    await examine([payments, analytics, rival]);
    expect(await gauge()).toEqual(['conflict 2', 'invalid 0', 'ready 1']);
    await examine([
      stored('broken', { buckets: 'x' }),
      stored('void', { namespaces: ['storage'] }),
    ]);
    expect(await gauge()).toEqual(['conflict 0', 'invalid 2', 'ready 0']);
  });

  it('are logged once per change, with both names and the field', async () => {
    const { examine, lines } = aLook();
    await examine([payments, analytics]);
    expect(lines()).toEqual([]);
    await examine([payments, analytics, rival]);
    const conflict = (tenant: string, other: string, at: number): JsonRecord => ({
      level: 'warn',
      msg: 'tenant not ready',
      tenant,
      state: 'conflict',
      conflicts: [
        {
          field: `spec.buckets[${at}].name`,
          with: other,
          problem: `"ledger" overlaps a bucket of tenant "${other}"`,
        },
      ],
    });
    const both = [conflict('payments', 'rival', 0), conflict('rival', 'payments', 1)];
    expect(lines()).toEqual(both);
    await examine([payments, analytics, rival]);
    expect(lines()).toEqual(both);
    await examine([payments, analytics]);
    expect(lines().slice(2)).toEqual([
      { level: 'info', msg: 'tenant ready again', tenant: 'payments', state: 'ready' },
    ]);
    await examine([payments, analytics, rival]);
    expect(lines().slice(3)).toEqual(both);
  });

  it('change with the config, too', async () => {
    const { examine, lines } = aLook();
    await examine([analytics], aConfig({ exemptNamespaces: ['analytics'] }));
    expect(lines()).toEqual([
      {
        level: 'warn',
        msg: 'tenant not ready',
        tenant: 'analytics',
        state: 'invalid',
        problems: [
          'spec.namespaces[0]: "analytics" is an exempt namespace, which no tenant may claim',
        ],
      },
    ]);
  });

  it('are short in the log, whatever is declared', async () => {
    const buckets = Array.from({ length: 30 }, (_, index) => ({ name: `ledger-${index}` }));
    const { examine, lines } = aLook();
    await examine([stored('one', { buckets }), stored('two', { buckets })]);
    expect(lines().map(({ conflicts, omitted }) => [conflicts, omitted])).toEqual([
      [expect.objectContaining({ length: 10 }), 20],
      [expect.objectContaining({ length: 10 }), 20],
    ]);
  });

  it('are looked at again when they change during a look', async () => {
    const { start, gauge } = aLook();
    const first = start([payments]);
    const second = start([payments, analytics]);
    const third = start([payments, analytics, rival]);
    await Promise.all([first, second, third]);
    expect(await gauge()).toEqual(['conflict 2', 'invalid 0', 'ready 1']);
  });

  it('are no longer looked at after the end', async () => {
    const { states, examine, gauge } = aLook();
    states.stop();
    await examine([payments]);
    expect(await gauge()).toEqual([]);
  });
});

function stored(name: string, spec: JsonRecord): StoredTenant {
  return toStoredTenant(
    {
      apiVersion: 'bucketwarden.io/v1alpha1',
      kind: 'StorageTenant',
      metadata: { name, uid: name, generation: 1, resourceVersion: '1' },
      spec: { namespaces: [name], ...spec },
    },
    undefined,
  );
}

function aLook(): {
  states: TenantStates;
  start: (tenants: readonly StoredTenant[]) => Promise<void>;
  examine: (tenants: readonly StoredTenant[], config?: BucketwardenConfig) => Promise<void>;
  gauge: () => Promise<string[]>;
  lines: () => JsonRecord[];
} {
  const metrics = createMetrics();
  const { logger, lines } = createTestLog();
  const states = new TenantStates({
    logger,
    onCount: (counts) => {
      metrics.setTenants(counts);
    },
  });
  const viewOf = (tenants: readonly StoredTenant[], config = defaultConfig()): TenantView => ({
    tenants,
    policy: compilePolicy({ config, tenants: tenants.map(({ declaration }) => declaration) }),
    ruleIds: new Set(),
  });
  return {
    states,
    start: (tenants) => states.examine(viewOf(tenants)),
    examine: (tenants, config) => states.examine(viewOf(tenants, config)),
    gauge: async () =>
      [...(await metrics.render()).matchAll(/^bucketwarden_tenants\{state="(\w+)"\} (\d+)$/gm)]
        .map(([, state = '', count = '']) => `${state} ${count}`)
        .sort(),
    lines: () =>
      lines.map((line) =>
        Object.fromEntries(Object.entries(line).filter(([key]) => key !== 'time')),
      ),
  };
}
