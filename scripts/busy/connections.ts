import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Connections that are open at the same time. */
const count = 2_000;

/** Opens and closes connections on the loopback address until the process that started it has ended. */
const parent = process.ppid;
const server = createServer((socket) => {
  socket.on('error', () => undefined).resume();
});
await once(server.listen({ port: 0, host: '127.0.0.1', backlog: count }), 'listening');
const { port } = server.address() as AddressInfo;

while (process.ppid === parent) {
  const sockets = await Promise.all(Array.from({ length: count }, open));
  await Promise.all(sockets.map(close));
}
process.exit();

/** Undefined when the kernel has no port left for it: others are still being closed. */
async function open(): Promise<Socket | undefined> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return socket.on('error', () => undefined);
  } catch {
    return undefined;
  }
}

async function close(socket: Socket | undefined): Promise<void> {
  if (socket === undefined) return;
  socket.destroy();
  await once(socket, 'close');
}
