import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { limits } from '../../limits.ts';
import { BucketwardenError } from '../../errors.ts';
import type { Identify } from './caller.ts';
import type { ConnectionGuard } from './connection-guard.ts';

/** The port cannot be listened on. */
export class CannotListenError extends BucketwardenError {
  readonly code = 'cannot-listen';
}

/** How often node looks for connections that exceed the time-outs below. */
const connectionCheckMilliseconds = 1_000;

const timeouts = {
  requestTimeout: limits.requestTimeoutMilliseconds,
  headersTimeout: limits.headersTimeoutMilliseconds,
  keepAliveTimeout: limits.strangerKeepAliveMilliseconds,
  connectionsCheckingInterval: connectionCheckMilliseconds,
};

interface AdmissionParts {
  readonly app: RequestListener;
  readonly guard: ConnectionGuard;
  readonly identify: Identify;
}

/** The admission port: HTTPS with keep-alive, bounded in connections, time and header size. */
export function createAdmissionServer(
  { app, guard, identify }: AdmissionParts,
  context: SecureContextOptions,
): HttpsServer {
  const isClientAsked = context.ca !== undefined;
  const server = createHttpsServer(
    {
      ...context,
      ...timeouts,
      handshakeTimeout: limits.headersTimeoutMilliseconds,
      requestCert: isClientAsked,
      rejectUnauthorized: isClientAsked,
    },
    app,
  );
  guard.watch(server);
  if (isClientAsked) {
    // Its certificate says as much as a review does, if it has one of the required names.
    server.on('secureConnection', (socket) => {
      if (identify(socket).isAccepted) guard.recognize(socket);
    });
  }
  return server;
}

/** The metrics port: plain HTTP. */
export function createMetricsServer(app: RequestListener): Server {
  const server = createHttpServer(timeouts, app);
  server.maxConnections = limits.maxMetricsConnections;
  return server;
}

/**
 * Starts listening; 0 lets the system choose. Returns the port.
 * @throws CannotListenError when the port is taken or not ours to take
 */
export function listen(
  server: Server | HttpsServer,
  { port, host }: { port: number; host: string | undefined },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      reject(new CannotListenError(`cannot listen on port ${port}: ${cause.message}`, { cause }));
    };
    server.once('error', fail);
    server.listen({ port, ...(host !== undefined && { host }) }, () => {
      server.removeListener('error', fail);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** For connections that are being set up, which node does not close. */
const cutOffMilliseconds = 250;

/** Stops accepting, lets running requests end, and cuts off what is left after the time or at `force`. */
export async function drain(
  server: Server | HttpsServer,
  { milliseconds, force }: { milliseconds: number; force: Promise<void> },
): Promise<void> {
  const timer = new AbortController();
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  const timeUp = wait(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([closed, timeUp, force]);
  timer.abort();
  server.closeAllConnections();
  // What was cut off still has its decision line to write.
  await Promise.race([closed, wait(cutOffMilliseconds, undefined, { ref: false })]);
  await nextTurn();
}
