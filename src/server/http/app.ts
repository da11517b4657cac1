import type { RequestListener } from 'node:http';
import { admit, mutate } from '../../engine/admit.ts';
import { toMutateResponse, toValidateResponse } from '../../engine/to-response.ts';
import { webhooks } from '../../names.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { createAdmissionListener } from './admission-listener.ts';
import { CommonTurn } from './batch.ts';
import type { CurrentEngine } from '../live/current-engine.ts';
import { createProbes } from './probes.ts';

export interface AppDependencies {
  readonly current: CurrentEngine;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** True once the server has been told to end. */
  readonly isDraining: () => boolean;
}

/**
 * Where every request comes in; never listens. The two admission paths are answered on node's own
 * request and response, because express costs more than judging a pod does; the rest is express's.
 */
export function createApp(dependencies: AppDependencies): RequestListener {
  const turn = new CommonTurn();
  const listeners = new Map<string, RequestListener>([
    [
      webhooks.mutate.path,
      createAdmissionListener({
        ...dependencies,
        turn,
        webhook: 'mutate',
        judge: mutate,
        respond: toMutateResponse,
      }),
    ],
    [
      webhooks.validate.path,
      createAdmissionListener({
        ...dependencies,
        turn,
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
