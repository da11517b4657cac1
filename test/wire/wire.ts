import { Writable } from 'node:stream';
import type { RequestListener } from 'node:http';
import supertest from 'supertest';
import { recordOf, type JsonRecord } from '../../src/admission/json.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import type { BucketwardenConfig } from '../../src/declaration/bucketwarden-config.ts';
import type { StorageTenant } from '../../src/declaration/storage-tenant.ts';
import { compilePolicy } from '../../src/engine/compiled-policy.ts';
import { createKeyRing, generateSigningKey } from '../../src/identity/key-ring.ts';
import { mutations } from '../../src/inject/mutations.ts';
import { rules } from '../../src/rules/index.ts';
import type { Rule } from '../../src/rules/rule.ts';
import { RuleRegistry } from '../../src/engine/registry.ts';
import type { AdmissionSetting } from '../../src/server/http/admission-listener.ts';
import { createApp, type AppDependencies } from '../../src/server/http/app.ts';
import { Batch } from '../../src/server/http/batch.ts';
import { BodyBudget } from '../../src/server/http/body-budget.ts';
import { createIdentify } from '../../src/server/http/caller.ts';
import { ConnectionGuard } from '../../src/server/http/connection-guard.ts';
import { KnownCallers } from '../../src/server/http/known-callers.ts';
import { CurrentEngine } from '../../src/server/live/current-engine.ts';
import { createLogging } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { aConfig, aRequest, aTenant, today } from '../builders.ts';

/** An app that listens nowhere, and everything that can be seen of it from outside. */
export interface TestApp extends AppDependencies {
  readonly listener: RequestListener;
  /** Log lines so far. */
  readonly lines: () => JsonRecord[];
  /** The lines that state a decision. */
  readonly decisions: () => JsonRecord[];
  readonly startDraining: () => void;
}

const ring = await createKeyRing([await generateSigningKey()]);

/** An app over the default tenant; `isLoaded` false: nothing has been loaded yet. */
export function anApp({
  tenants = [aTenant()],
  config = aConfig(),
  isLoaded = true,
  appRules = rules,
  bodyBytes,
}: {
  readonly tenants?: readonly StorageTenant[];
  readonly config?: BucketwardenConfig;
  readonly isLoaded?: boolean;
  readonly appRules?: readonly Rule[];
  readonly bodyBytes?: number;
} = {}): TestApp {
  const metrics = createMetrics();
  const registry = new RuleRegistry(appRules);
  const current = new CurrentEngine({ registry, mutations, now: () => today, metrics });
  if (isLoaded) {
    current.usePolicy(compilePolicy({ config, tenants }));
    current.useKeys(ring);
  }
  const callers = new KnownCallers();
  const log = new TextSink();
  const { logger } = createLogging(log);
  const lifetime = { isDraining: false };
  const dependencies = {
    current,
    metrics,
    logger,
    isDraining: () => lifetime.isDraining,
    budget: new BodyBudget(callers, bodyBytes),
    guard: new ConnectionGuard(callers),
    identify: createIdentify(),
  };
  const lines = (): JsonRecord[] => log.lines();
  return {
    ...dependencies,
    listener: createApp(dependencies),
    lines,
    decisions: () => lines().filter(({ msg }) => msg === 'decision'),
    startDraining: () => {
      lifetime.isDraining = true;
    },
  };
}

/** What a listener of one path needs besides the app's parts. */
export function aSetting(app: TestApp, judge: AdmissionSetting['judge']): AdmissionSetting {
  return {
    ...app,
    batch: new Batch(),
    judge,
    webhook: 'validate',
    respond: (uid) => ({
      uid,
      allowed: true,
      message: '',
      warnings: [],
      auditAnnotations: {},
      patch: [],
    }),
  };
}

/** A review as the API server writes it. */
export function aReview(changes: Parameters<typeof aRequest>[0] = {}): {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: JsonRecord;
} {
  return reviewOf(aRequest(changes));
}

function reviewOf({ object, oldObject, ...request }: AdmissionRequest): ReturnType<typeof aReview> {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { ...request, object: object ?? null, oldObject: oldObject ?? null, options: null },
  };
}

/**
 * POSTs a review, or a body that is not one, to one of the admission paths: with the longest time-out
 * that Kubernetes allows, unless the path says otherwise.
 */
export function post(
  { listener }: { readonly listener: RequestListener },
  path: string,
  body: object | string,
): supertest.Test {
  return supertest(listener)
    .post(path.includes('?') ? path : `${path}?timeout=30s`)
    .set('Content-Type', 'application/json')
    .send(typeof body === 'string' ? body : JSON.stringify(body));
}

/** `response` of an answered review. */
export function responseOf(answer: { readonly body: unknown }): JsonRecord {
  return recordOf(recordOf(answer.body)['response']);
}

/** A stream that keeps what is written to it. */
export class TextSink extends Writable {
  #text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#text += chunk.toString();
    done();
  }

  lines(): JsonRecord[] {
    return this.#text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => recordOf(JSON.parse(line)));
  }
}
