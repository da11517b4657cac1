import { expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { ClusterError } from '../../src/kube/cluster-error.ts';
import { reportFailOpenEntries } from '../../src/server/live/enforcement-report.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createFakeCluster } from './fake-cluster.ts';
import { createTestLog } from './log.ts';

async function report(answer: () => JsonRecord) {
  const cluster = createFakeCluster({ list: answer, watch: () => [] });
  const { logger, lines } = createTestLog();
  const metrics = createMetrics();
  await reportFailOpenEntries(cluster, { logger, metrics });
  const gauge = /^bucketwarden_fail_open_webhooks (\S+)$/m.exec(await metrics.render())?.[1];
  return { asked: cluster.asked.map(({ path }) => path), lines, gauge };
}

it('names the webhook entries that fail open, and counts them', async () => {
  const { asked, lines, gauge } = await report(() => ({
    webhooks: [
      { name: 'validate.bucketwarden.io', failurePolicy: 'Fail' },
      { name: 'validate-tenants.bucketwarden.io', failurePolicy: 'Ignore' },
      { name: 'validate-infrastructure.bucketwarden.io', failurePolicy: 'Ignore' },
    ],
  }));
  expect(asked).toEqual([
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/bucketwarden',
  ]);
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'warn',
      msg: 'webhook entries fail open',
      count: 2,
      entries: ['validate-infrastructure.bucketwarden.io', 'validate-tenants.bucketwarden.io'],
    }),
  ]);
  expect(gauge).toBe('2');
});

it('says nothing when all entries fail closed', async () => {
  const { lines, gauge } = await report(() => ({ webhooks: [{ failurePolicy: 'Fail' }] }));
  expect(lines).toEqual([]);
  expect(gauge).toBe('0');
});

it('says that it cannot read them', async () => {
  const { lines, gauge } = await report(() => {
    throw new ClusterError('answered 403, forbidden');
  });
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'info',
      msg: 'webhook entries cannot be read',
      problem: 'answered 403, forbidden',
    }),
  ]);
  expect(gauge).toBe('Nan');
});
