import type { RequestListener } from 'node:http';
import { admit, mutate } from '../../engine/admit.ts';
import { toMutateResponse, toValidateResponse } from '../../engine/to-response.ts';
import { webhooks } from '../../names.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { createAdmissionListener } from './admission-listener.ts';
import { Batch } from './batch.ts';
import type { BodyBudget } from './body-budget.ts';
import type { Identify } from './caller.ts';
import type { ConnectionGuard } from './connection-guard.ts';
import type { CurrentEngine } from '../live/current-engine.ts';
import { createProbes } from './probes.ts';

export interface AppDependencies {
  readonly current: CurrentEngine;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** True once the server has been told to shut down. */
  readonly isDraining: () => boolean;
  readonly budget: BodyBudget;
  readonly guard: ConnectionGuard;
  readonly identify: Identify;
}

/**
 * Where every request comes in; never listens. The two admission paths are answered on node's own
 * request and response, because express costs more than judging a pod does; express answers the rest.
 */
export function createApp(dependencies: AppDependencies): RequestListener {
  const batch = new Batch();
  const listeners = new Map<string, RequestListener>([
    [
      webhooks.mutate.path,
      createAdmissionListener({
        ...dependencies,
        batch,
        webhook: 'mutate',
        judge: mutate,
        respond: toMutateResponse,
      }),
    ],
    [
      webhooks.validate.path,
      createAdmissionListener({
        ...dependencies,
        batch,
        webhook: 'validate',
        judge: admit,
        respond: toValidateResponse,
      }),
    ],
  ]);
  const probes = createProbes(dependencies);
  return (request, response) => {
    (listeners.get(pathOf(request.url)) ?? probes)(request, response);
  };
}

function pathOf(url = ''): string {
  const question = url.indexOf('?');
  return question === -1 ? url : url.slice(0, question);
}
