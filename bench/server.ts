import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createBaseline, constantReply, minimalReply } from './baseline.ts';
import { serve } from '../src/server/serve.ts';

/**
 * One server under test, in a process of its own: `server.ts <kind> <directory>`. It sends its port
 * over IPC, then answers every message with what it has used so far; decision lines go to stdout.
 */
const [kind = '', directory = ''] = process.argv.slice(2);
const files = {
  tlsCert: `${directory}/tls.crt`,
  tlsKey: `${directory}/tls.key`,
};

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicroseconds: user + system, rssBytes: process.memoryUsage.rss() });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port: await start() });

async function start(): Promise<number> {
  if (kind === 'bucketwarden') {
    const tenants = [`${directory}/tenants.yaml`];
    const options = { ...files, tenants, port: 0, metricsPort: 0, host: '127.0.0.1' };
    const { port } = await serve(options, { stdout: process.stdout });
    return port;
  }
  const [cert, key] = await Promise.all([
    readFile(files.tlsCert, 'utf8'),
    readFile(files.tlsKey, 'utf8'),
  ]);
  const server = createBaseline({ cert, key }, kind === 'minimal' ? minimalReply : constantReply);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
