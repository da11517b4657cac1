import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A wire between us and the API server, to be cut, blocked and repaired. */
export interface TcpProxy {
  readonly port: number;
  /** What happens to connections made from now on. */
  mode: 'pass' | 'refuse' | 'stall';
  /** Ends every connection, as a crash of the other side does. */
  cut(): void;
  /** Keeps every connection open and lets nothing through any more, as a lost route does. */
  freeze(): void;
  /** Lets through what was held back, and what follows. */
  thaw(): void;
  stop(): Promise<void>;
}

/** Starts a wire to `target`, a URL. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    near.on('error', () => undefined);
    if (proxy.mode === 'refuse') {
      near.destroy();
      return;
    }
    const far = connect({ host: hostname, port: Number(port) });
    far.on('error', () => near.destroy());
    const pair = [near, far] as const;
    pairs.add(pair);
    near.on('close', () => {
      far.destroy();
      pairs.delete(pair);
    });
    far.on('close', () => near.destroy());
    if (proxy.mode === 'stall') return;
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: TcpProxy = {
    port: (server.address() as AddressInfo).port,
    mode: 'pass',
    cut() {
      for (const sockets of pairs) for (const socket of sockets) socket.destroy();
    },
    freeze() {
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
      }
    },
    thaw() {
      for (const [near, far] of pairs) {
        near.pipe(far);
        far.pipe(near);
      }
    },
    async stop() {
      proxy.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
