import { createServer } from 'node:http';
import supertest from 'supertest';
import { expect, it } from 'vitest';
import { defaultConfig } from '../../src/declaration/load.ts';
import { compilePolicy } from '../../src/engine/compiled-policy.ts';
import { UnknownAnswerError } from '../../src/errors.ts';
import { createKeyRing, generateSigningKey } from '../../src/identity/key-ring.ts';
import { mutations } from '../../src/inject/mutations.ts';
import { rules } from '../../src/rules/index.ts';
import { RuleRegistry } from '../../src/engine/registry.ts';
import { createApp } from '../../src/server/http/app.ts';
import { BodyBudget } from '../../src/server/http/body-budget.ts';
import { createIdentify } from '../../src/server/http/caller.ts';
import { ConnectionGuard } from '../../src/server/http/connection-guard.ts';
import { KnownCallers } from '../../src/server/http/known-callers.ts';
import { CurrentEngine, type ClusterView } from '../../src/server/live/current-engine.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createTestLog } from './log.ts';

const review = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: '1',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    namespace: 'unclaimed',
    operation: 'CREATE',
    userInfo: { username: 'test', groups: [] },
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [] } },
  },
};

it('C9: a stale view gives no answer: HTTP 500 for both webhooks; a fresh one is read anew for declarations only', async () => {
  let reads = 0;
  const view: { -readonly [Key in keyof ClusterView]: ClusterView[Key] } = {
    isFresh: true,
    namespaces: new Map(),
    refreshNamespaces: () => Promise.resolve(),
    refresh: () => {
      reads += 1;
      return Promise.reject(new UnknownAnswerError('the StorageTenants cannot be read'));
    },
  };
  const metrics = createMetrics();
  const current = new CurrentEngine({
    registry: new RuleRegistry(rules),
    mutations,
    now: () => new Date(),
    metrics,
  });
  current.useCluster(view);
  current.usePolicy(compilePolicy({ config: defaultConfig(), tenants: [] }));
  current.useKeys(await createKeyRing([await generateSigningKey()]));
  const { logger } = createTestLog();
  const callers = new KnownCallers();
  const app = createServer(
    createApp({
      current,
      metrics,
      logger,
      isDraining: () => false,
      budget: new BodyBudget(callers),
      guard: new ConnectionGuard(callers),
      identify: createIdentify(),
    }),
  );
  const post = async (
    path: string,
    body: object = review,
  ): Promise<{ status: number; body: unknown }> => {
    const answer = await supertest(app).post(path).send(body);
    return { status: answer.status, body: answer.body as unknown };
  };

  expect(await post('/validate')).toMatchObject({
    status: 200,
    body: { response: { allowed: true } },
  });
  expect(reads).toBe(0);

  view.isFresh = false;
  const unknown = {
    status: 500,
    body: { code: 'unknown-answer', message: 'the StorageTenants cannot be read' },
  };
  expect(await post('/validate')).toEqual(unknown);
  expect(await post('/mutate')).toEqual(unknown);
  expect(reads).toBe(2);

  view.refresh = () => Promise.resolve();
  expect(await post('/validate')).toMatchObject({
    status: 200,
    body: { response: { allowed: true } },
  });

  // Who declares a tenant must know those that were declared a moment ago.
  const readsBefore = reads;
  view.isFresh = true;
  view.refresh = () => {
    reads += 1;
    return Promise.resolve();
  };
  const kind = { group: 'bucketwarden.io', version: 'v1alpha1', kind: 'StorageTenant' };
  const tenant = {
    ...review.request,
    kind,
    resource: { ...kind, resource: 'storagetenants' },
    namespace: '',
    object: { metadata: { name: 'a' }, spec: { namespaces: ['a'] } },
  };
  expect(await post('/validate', { ...review, request: tenant })).toMatchObject({ status: 200 });
  expect(reads).toBe(readsBefore + 1);
});
