import type { RequestListener } from 'node:http';
import type { Metrics } from '../../telemetry/metrics.ts';
import {
  createExpress,
  finishExpress,
  route,
  routeHealth,
  type ProbeDependencies,
} from './probes.ts';

/**
 * What the metrics port serves: plain HTTP, for monitoring and not for tenants. Health is here as well,
 * because a kubelet has no certificate to show where the admission port demands one.
 */
export function createMetricsApp({
  metrics,
  ...dependencies
}: ProbeDependencies & { readonly metrics: Metrics }): RequestListener {
  const app = createExpress();
  routeHealth(app, dependencies);
  route(app, '/metrics', async (response) => {
    response.set('Content-Type', metrics.contentType).send(await metrics.render());
  });
  return finishExpress(app);
}
