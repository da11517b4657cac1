import type { Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { limits } from '../limits.ts';
import type { Logging } from '../telemetry/logger.ts';
import type { ConnectionGuard } from './http/connection-guard.ts';
import { drain } from './http/listen.ts';
import type { ClusterPolicy } from './live/cluster-policy.ts';
import type { Reloader } from './live/reloader.ts';

/** A server that takes requests until it is shut down. */
export interface RunningServer {
  readonly port: number;
  readonly metricsPort: number;
  /** PEM of the authority that callers must trust, when the server made its own certificate. */
  readonly caCertificate?: string;
  /** Looks at the watched files now instead of at the next interval. */
  reload(): Promise<void>;
  /** Ends running requests, then closes; called again while that takes too long, closes at once. */
  stop(): Promise<void>;
  /** Settles when nothing is left open and every log line is written. */
  readonly closed: Promise<void>;
}

export interface RunningParts {
  readonly admission: HttpsServer;
  readonly guard: ConnectionGuard;
  readonly monitoring: Server;
  readonly lifetime: { isDraining: boolean };
  readonly reloader: Reloader;
  /** Watches a cluster; absent when there is none. */
  readonly clusterPolicy: ClusterPolicy | undefined;
  readonly logging: Logging;
  /** Whether SIGTERM and SIGINT end it. */
  readonly signals: boolean;
}

/** The signals that end the server; a second one does not wait for running requests. */
const endSignals = ['SIGTERM', 'SIGINT'] as const;

/** Holds a started server together and takes it down in order. */
export function superviseServer(
  addresses: Pick<RunningServer, 'port' | 'metricsPort' | 'caCertificate'>,
  {
    admission,
    guard,
    monitoring,
    lifetime,
    reloader,
    clusterPolicy,
    logging,
    signals,
  }: RunningParts,
): RunningServer {
  const { logger } = logging;
  const closed = Promise.withResolvers<undefined>();
  const force = Promise.withResolvers<undefined>();
  const stopReloading = reloader.start();
  const end = async (): Promise<void> => {
    lifetime.isDraining = true;
    stopReloading();
    logger.info('draining');
    guard.stop();
    await drain(admission, { milliseconds: limits.drainMilliseconds, force: force.promise });
    await clusterPolicy?.stop();
    monitoring.close();
    monitoring.closeAllConnections();
    logger.info('drained');
    await logging.flush();
    for (const signal of endSignals) process.removeListener(signal, onSignal);
  };
  const stop = (): Promise<void> => {
    if (lifetime.isDraining) force.resolve(undefined);
    else
      end().then(() => {
        closed.resolve(undefined);
      }, closed.reject);
    return closed.promise;
  };
  const onSignal = (): void => void stop();
  if (signals) for (const signal of endSignals) process.on(signal, onSignal);
  return { ...addresses, reload: () => reloader.reload(), stop, closed: closed.promise };
}
