import { serve } from '../../src/server/serve.ts';

/** A server as its own process, ended by signals: `serve-child.ts <tenants file>`. */
const [tenants = ''] = process.argv.slice(2);
const server = await serve(
  { port: 0, metricsPort: 0, host: '127.0.0.1', tenants: [tenants] },
  { stdout: process.stdout, signals: true },
);
process.send?.({ port: server.port, ca: server.caCertificate });
await server.closed;
process.disconnect();
