import { serve, type ServeOptions } from '../server/serve.ts';
import type { ExitCode } from './io.ts';

/** Runs the webhook server until it is told to stop and has drained. */
export async function serveUntilStopped(flags: ServeOptions): Promise<ExitCode> {
  const server = await serve(flags, { stdout: process.stdout, signals: true });
  await server.closed;
  return 0;
}
