import type { RequestListener } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { jwksPath } from '../../names.ts';
import type { CurrentEngine } from '../live/current-engine.ts';

/** Caches of relying parties may keep the keys this long; a rotation keeps the old key for longer. */
const jwksMaxAgeSeconds = 300;

export interface ProbeDependencies {
  readonly current: CurrentEngine;
  readonly isDraining: () => boolean;
}

/** Everything on the admission port that is not an admission review. */
export function createProbes(dependencies: ProbeDependencies): RequestListener {
  const { current, isDraining } = dependencies;
  const app = createExpress();
  app.use((_request, response, next) => {
    if (isDraining()) response.set('Connection', 'close');
    next();
  });
  routeHealth(app, dependencies);
  route(app, jwksPath, (response) => {
    if (current.missing !== undefined) {
      response.status(503).json({ code: 'not-ready', message: current.missing });
      return;
    }
    response.set('Cache-Control', `public, max-age=${jwksMaxAgeSeconds}`);
    response.type('application/jwk-set+json').send(JSON.stringify(current.jwks));
  });
  return finishExpress(app);
}

/** Alive, and ready to answer. */
export function routeHealth(app: Express, { current, isDraining }: ProbeDependencies): void {
  route(app, '/healthz', (response) => {
    response.json({ status: 'ok' });
  });
  route(app, '/readyz', (response) => {
    const reason = isDraining() ? 'the server is shutting down' : current.missing;
    if (reason === undefined) response.json({ status: 'ok' });
    else response.status(503).json({ code: 'not-ready', message: reason });
  });
}

/** An express application that says nothing about itself. */
export function createExpress(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  return app;
}

/** GET and HEAD on a path; any other method is refused. */
export function route(
  app: Express,
  path: string,
  answer: (response: Response) => void | Promise<void>,
): void {
  app
    .route(path)
    .get((_request, response) => answer(response))
    .all((_request, response) => {
      response.set('Allow', 'GET, HEAD').status(405);
      response.json({ code: 'malformed-request', message: 'method: must be GET' });
    });
}

/** The answers to what matched no route or went wrong; a listener, ready for a server. */
export function finishExpress(app: Express): RequestListener {
  app.use((_request, response) => {
    response.status(404).json({ code: 'not-found', message: 'nothing is served here' });
  });
  // eslint-disable-next-line max-params -- express knows error handlers by their four parameters
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) next(error);
    else response.status(500).json({ code: 'internal', message: 'internal error' });
  });
  return app;
}
