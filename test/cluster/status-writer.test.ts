import { afterEach, beforeEach, expect, it } from 'vitest';
import { listOf, recordOf, valueAt, type JsonRecord } from '../../src/admission/json.ts';
import { defaultConfig } from '../../src/declaration/load.ts';
import { compilePolicy } from '../../src/engine/compiled-policy.ts';
import { createPolicyState, type PolicyState } from '../../src/engine/state.ts';
import type { Cluster, ClusterRequest } from '../../src/kube/cluster.ts';
import { connectCluster } from '../../src/kube/connect.ts';
import { Lease } from '../../src/kube/lease.ts';
import { StatusWriter } from '../../src/kube/status-writer.ts';
import { TenantStore } from '../../src/kube/tenant-store.ts';
import { eventually } from '../eventually.ts';
import { createTestLog } from '../kube/log.ts';
import { administrator, describeOnCluster, tenantsPath, type Administrator } from './cluster.ts';

const leasePath = '/apis/coordination.k8s.io/v1/namespaces/default/leases/bucketwarden';

/** A tenth as fast as ours: a lease does not run out because this machine is busy. */
const startedAt = Date.now();
const now = (): Date => new Date(startedAt + (Date.now() - startedAt) / 10);

describeOnCluster('the status of StorageTenants', ({ kubeconfig }) => {
  let admin: Administrator;
  const ends: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    admin = await administrator(kubeconfig);
    await admin.removeAllTenants();
  });

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await admin.remove(leasePath).catch(() => undefined);
  });

  /** One replica, and what it writes. */
  async function startReplica(
    identity: string,
    { refuseWrites = (): boolean => false }: { refuseWrites?: () => boolean } = {},
  ): Promise<{ writes: string[]; stop: () => Promise<void>; lines: JsonRecord[] }> {
    const writes: string[] = [];
    const { logger, lines } = createTestLog();
    const cluster = recording(await connectCluster(kubeconfig), ({ method, path }) => {
      if (method !== 'PATCH') return;
      if (refuseWrites()) throw new Error('refused for the test');
      writes.push(path.slice(tenantsPath.length + 1));
    });
    let policy: PolicyState | undefined;
    const store: TenantStore = new TenantStore({
      cluster,
      logger,
      onChange: (tenants) => {
        policy = createPolicyState(compilePolicy({ config: defaultConfig(), tenants }));
        writer.wake();
      },
    });
    const lease = new Lease({ cluster, namespace: 'default', name: 'bucketwarden', identity, now });
    const writer = new StatusWriter({
      cluster,
      lease,
      logger,
      policy: () => policy,
      tenants: () => store.tenants,
      creationTimeOf: (namespace) => store.creationTimeOf(namespace),
      ruleIds: new Set(['storage-tenant']),
      now,
      retryMilliseconds: 100,
    });
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> =>
      (stopped ??= Promise.all([writer.stop(), store.stop()]).then(() => undefined));
    ends.push(stop);
    store.start();
    writer.start();
    return { writes, stop, lines };
  }

  const conditionOf = async (name: string, type: string): Promise<JsonRecord> => {
    const object = await admin.cluster.ask({ path: `${tenantsPath}/${name}` });
    const conditions = listOf(valueAt(object, ['status', 'conditions'])).map(recordOf);
    const found = conditions.find((one) => one['type'] === type);
    if (found === undefined) throw new Error(`${name} has no condition ${type}`);
    return found;
  };

  const expectCondition = (name: string, type: string, expected: JsonRecord): Promise<void> =>
    eventually(async () => {
      expect(await conditionOf(name, type)).toMatchObject(expected);
    });

  it('says Ready, counts, and is written once by one of two replicas', async () => {
    const replicas = [await startReplica('one'), await startReplica('two')];
    await admin.tenant('payments', {
      namespaces: ['not-there-yet', 'nor-this'],
      buckets: [{ name: 'payments-ledger' }],
    });
    await eventually(async () => {
      const object = await admin.cluster.ask({ path: `${tenantsPath}/payments` });
      expect(object['status']).toEqual({
        observedGeneration: 1,
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            reason: 'Loaded',
            message: 'valid, without conflict, in force',
            observedGeneration: 1,
            lastTransitionTime: expect.stringMatching(
              /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
            ) as string,
          },
          {
            type: 'Conflict',
            status: 'False',
            reason: 'None',
            message: 'no other tenant claims the same',
            observedGeneration: 1,
            lastTransitionTime: expect.any(String) as string,
          },
        ],
        counts: { namespaces: 2, buckets: 1, grants: 1, preexistingNamespaces: 0 },
        namespaces: ['not-there-yet', 'nor-this'].map((name) => ({
          name,
          listedSince: valueAt(object, ['metadata', 'creationTimestamp']),
          existedBefore: false,
        })),
      });
    });
    // Several rounds later still nothing was written twice.
    const renewed = async (): Promise<unknown> =>
      valueAt(await admin.cluster.ask({ path: leasePath }), ['spec', 'renewTime']);
    for (let round = 0; round < 3; round++) {
      const before = await renewed();
      await eventually(async () => {
        expect(await renewed()).not.toBe(before);
      });
    }
    expect(replicas.flatMap(({ writes }) => writes)).toEqual(['payments/status']);
  });

  it('says which namespaces existed before they were listed, also after a change', async () => {
    await startReplica('one');
    await admin.tenant('payments', { namespaces: ['not-there-yet'] });
    await expectCondition('payments', 'Ready', { message: 'valid, without conflict, in force' });
    await admin.merge(`${tenantsPath}/payments`, {
      spec: { namespaces: ['not-there-yet', 'default'] },
    });
    await expectCondition('payments', 'Ready', {
      status: 'True',
      message:
        'valid, without conflict, in force; namespaces that existed before they were listed: ' +
        '"default"; recreate their pods, and check what else is in them',
    });
    const { status } = await admin.cluster.ask({ path: `${tenantsPath}/payments` });
    expect(valueAt(status, ['namespaces', 1])).toMatchObject({
      name: 'default',
      existedBefore: true,
    });
  });

  it('names field and other tenant in a conflict, and takes it back when it is over', async () => {
    await startReplica('one');
    await admin.tenant('payments', { namespaces: ['payments'], buckets: [{ name: 'ledger' }] });
    await expectCondition('payments', 'Ready', { status: 'True' });
    await admin.tenant('analytics', {
      namespaces: ['analytics', 'payments'],
      buckets: [{ name: 'reports' }, { name: 'ledger' }],
    });
    await expectCondition('analytics', 'Conflict', {
      status: 'True',
      reason: 'Overlap',
      message:
        'spec.namespaces[1]: "payments" is already claimed by tenant "payments"; ' +
        'spec.buckets[1].name: "ledger" overlaps a bucket of tenant "payments"',
    });
    await expectCondition('analytics', 'Ready', { status: 'False', reason: 'Conflict' });
    await expectCondition('payments', 'Conflict', {
      status: 'True',
      message:
        'spec.namespaces[0]: "payments" is already claimed by tenant "analytics"; ' +
        'spec.buckets[0].name: "ledger" overlaps a bucket of tenant "analytics"',
    });
    await admin.merge(`${tenantsPath}/analytics`, {
      spec: { namespaces: ['analytics'], buckets: [{ name: 'reports' }] },
    });
    await expectCondition('payments', 'Conflict', { status: 'False', observedGeneration: 1 });
    await expectCondition('payments', 'Ready', { status: 'True' });
    await expectCondition('analytics', 'Ready', { status: 'True', observedGeneration: 2 });
  });

  it('calls a declaration that breaks a rule of its own invalid, not contested', async () => {
    await startReplica('one');
    await admin.tenant('greedy', {
      namespaces: ['kube-system'],
      ruleActions: { 'no-such-rule': ['Warn'] },
    });
    await expectCondition('greedy', 'Ready', {
      status: 'False',
      reason: 'Invalid',
      message:
        'spec.namespaces[0]: "kube-system" is an exempt namespace, which no tenant may claim; ' +
        'spec.ruleActions.no-such-rule: unknown rule "no-such-rule"; see `bucketwarden policy list`',
    });
    await expectCondition('greedy', 'Conflict', { status: 'False' });
  });

  it('keeps the time of a condition that stays, and repairs what somebody else wrote', async () => {
    await startReplica('one');
    await admin.tenant('payments', { namespaces: ['payments'] });
    await expectCondition('payments', 'Ready', { status: 'True' });
    const { lastTransitionTime: before } = await conditionOf('payments', 'Ready');
    await admin.merge(`${tenantsPath}/payments`, { spec: { namespaces: ['payments', 'more'] } });
    await expectCondition('payments', 'Ready', {
      observedGeneration: 2,
      lastTransitionTime: before,
    });
    await admin.merge(`${tenantsPath}/payments/status`, {
      status: { counts: { namespaces: 99 } },
    });
    await eventually(async () => {
      const object = await admin.cluster.ask({ path: `${tenantsPath}/payments` });
      expect(valueAt(object, ['status', 'counts', 'namespaces'])).toBe(2);
    });
  });

  it('tries again what could not be written, and tells', async () => {
    let isRefusing = true;
    const { lines, writes } = await startReplica('one', { refuseWrites: () => isRefusing });
    await admin.tenant('payments', { namespaces: ['payments'] });
    await eventually(() => {
      const told = lines.filter(({ msg }) => msg === 'status not written');
      expect(told.length).toBeGreaterThan(1);
      expect(told[0]).toMatchObject({ level: 'warn', name: 'payments' });
    });
    expect(writes).toEqual([]);
    isRefusing = false;
    await expectCondition('payments', 'Ready', { status: 'True' });
  });

  it('goes on with another replica at once when the first one ends', async () => {
    const first = await startReplica('one');
    await admin.tenant('payments', { namespaces: ['payments'] });
    await expectCondition('payments', 'Ready', { status: 'True' });
    const second = await startReplica('two');
    await first.stop();
    await admin.tenant('analytics', { namespaces: ['analytics'] });
    await expectCondition('analytics', 'Ready', { status: 'True' });
    expect(second.writes).toEqual(['analytics/status']);
    expect(await admin.cluster.ask({ path: leasePath })).toMatchObject({
      spec: { holderIdentity: 'two', leaseDurationSeconds: 15, leaseTransitions: 1 },
    });
  });

  it('leaves a lease alone while its holder renews it, and takes it over once it does not', async () => {
    const cluster = await connectCluster(kubeconfig);
    let time = Date.parse('2027-01-01T00:00:00Z');
    const now = (): Date => new Date(time);
    const place = { cluster, namespace: 'default', name: 'bucketwarden', now };
    const one = new Lease({ ...place, identity: 'one' });
    const two = new Lease({ ...place, identity: 'two' });
    expect(await one.hold()).toBe(true);
    expect(await two.hold()).toBe(false);
    time += 14_000;
    expect(await one.hold()).toBe(true);
    time += 14_000;
    expect(await two.hold()).toBe(false);
    time += 15_000;
    expect(await two.hold()).toBe(false);
    time += 1;
    expect(await two.hold()).toBe(true);
    expect(await one.hold()).toBe(false);
    // One that has lost it gives nothing back.
    await one.release();
    expect(await cluster.ask({ path: leasePath })).toMatchObject({
      spec: { holderIdentity: 'two' },
    });
  });

  it('lets only one of many replicas take a free lease', async () => {
    const cluster = await connectCluster(kubeconfig);
    const now = (): Date => new Date();
    const held = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        new Lease({
          cluster,
          namespace: 'default',
          name: 'bucketwarden',
          identity: String(index),
          now,
        }).hold(),
      ),
    );
    expect(held.filter(Boolean)).toHaveLength(1);
  });
});

function recording(cluster: Cluster, record: (request: ClusterRequest) => void): Cluster {
  return {
    ...cluster,
    ask: (request) => {
      try {
        record(request);
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
      return cluster.ask(request);
    },
  };
}
