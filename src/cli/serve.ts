import { serve } from '../server/serve.ts';
import { UsageError } from '../errors.ts';
import type { ServeFlags } from './commands/serve.ts';
import type { ExitCode } from './io.ts';

/** Runs the webhook server until it is told to stop and has drained. */
export async function serveUntilStopped({ tenants, ...flags }: ServeFlags): Promise<ExitCode> {
  if (tenants === undefined) {
    throw new UsageError('name the StorageTenants with --tenants FILE or DIRECTORY');
  }
  const server = await serve({ ...flags, tenants }, { stdout: process.stdout, signals: true });
  await server.closed;
  return 0;
}
