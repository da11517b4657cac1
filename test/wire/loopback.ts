import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * True where every address of 127.0.0.0/8 is this machine, so that one test can be several callers. On Linux
 * it is; elsewhere a test is skipped and says so.
 */
export const hasManyAddresses = await canConnectFrom('127.0.0.2');
if (!hasManyAddresses) {
  process.stderr.write(
    'tests with several callers are skipped: 127.0.0.2 is not an address here\n',
  );
}

async function canConnectFrom(localAddress: string): Promise<boolean> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  const isConnected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  server.close();
  return isConnected;
}

/** A TCP connection from an address of this machine, which may be closed at any time. */
export function connectFrom(localAddress: string, port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  socket.on('error', () => undefined);
  return socket;
}
