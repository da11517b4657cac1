import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { limits } from '../../limits.ts';
import { ConnectionPool, type Connection } from './connection-pool.ts';
import type { KnownCallers } from './known-callers.ts';

/** Either end of a connection, as it is known on every layer of it. */
type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/**
 * Divides the connections among the addresses they come from. A stranger has few at work at a time, and the rest
 * of them wait; a known caller, as the API server, may have many. Strangers have a part of all connections and
 * known callers the rest, so that strangers cannot close a connection of a known caller, however many they are.
 */
export class ConnectionGuard {
  readonly #callers: KnownCallers;
  readonly #ofStrangers: ConnectionPool;
  readonly #ofKnown: ConnectionPool;
  #isStopped = false;

  constructor(callers: KnownCallers, total: number = limits.maxConnections) {
    const strangers = Math.floor(total * limits.partOfStrangers);
    this.#callers = callers;
    this.#ofStrangers = new ConnectionPool(strangers);
    this.#ofKnown = new ConnectionPool(total - strangers);
  }

  /** Open connections, waiting ones included. */
  get count(): number {
    return this.#ofStrangers.count + this.#ofKnown.count;
  }

  /** Stands between a server's port and TLS. */
  watch(server: Server): void {
    const begin = server.listeners('connection');
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      this.take(socket, () => {
        for (const listener of begin) Reflect.apply(listener, server, [socket]);
      });
    });
  }

  /** Calls `pass` when the connection may go on, now or later, or closes it. */
  take(socket: Socket, pass: () => void): void {
    const { remoteAddress: address, remotePort: port } = socket;
    if (address === undefined || port === undefined || !this.#makeRoom(address)) {
      socket.destroy();
      return;
    }
    const connection: Connection = { socket, pass, isTrusted: false };
    const pool = this.#callers.has(address) ? this.#ofKnown : this.#ofStrangers;
    pool.add(address, port, connection);
    const timer = setTimeout(() => {
      if (connection.pass !== undefined) socket.destroy();
    }, limits.headersTimeoutMilliseconds).unref();
    socket.once('close', () => {
      clearTimeout(timer);
      // It is elsewhere when its address became known, and nowhere when it had to give way.
      this.#ofStrangers.remove(address, port, connection);
      this.#ofKnown.remove(address, port, connection);
      this.#passWaiting(address);
    });
    // A connection that waits may be reset by its other end.
    socket.on('error', () => undefined);
    this.#passWaiting(address);
  }

  /** To be called for every valid review: its address is known from now on. */
  recognize({ remoteAddress, remotePort }: Peer): void {
    if (remoteAddress === undefined || remotePort === undefined) return;
    this.#callers.add(remoteAddress);
    const isNew = this.#ofStrangers.of(remoteAddress).size > 0;
    const pool = isNew ? this.#ofStrangers : this.#ofKnown;
    const connection = pool.of(remoteAddress).get(remotePort);
    if (connection !== undefined) connection.isTrusted = true;
    if (!isNew) return;
    this.#ofKnown.takeFrom(this.#ofStrangers, remoteAddress);
    this.#passWaiting(remoteAddress);
  }

  /** Closes what waits and takes nothing more. */
  stop(): void {
    this.#isStopped = true;
    for (const pool of [this.#ofStrangers, this.#ofKnown]) {
      for (const { socket, pass } of pool.all()) if (pass) socket.destroy();
    }
  }

  #passWaiting(address: string): void {
    if (this.#isStopped) return;
    for (const connection of this.#ofKnown.of(address).values()) passOn(connection);
    let working = 0;
    for (const connection of this.#ofStrangers.of(address).values()) {
      if (working >= limits.maxConnectionsOfStranger) return;
      passOn(connection);
      working += 1;
    }
  }

  /** False when the newcomer is the one to give way. */
  #makeRoom(address: string): boolean {
    if (this.#isStopped) return false;
    const isKnown = this.#callers.has(address);
    const pool = isKnown ? this.#ofKnown : this.#ofStrangers;
    const { size } = pool.of(address);
    if (isKnown && size >= limits.maxConnectionsOfCaller) return pool.closeUntrusted(address);
    if (!isKnown && size >= limits.maxWaitingConnectionsOfStranger) return false;
    return pool.makeRoom(address);
  }
}

/** Begins TLS, once. */
function passOn(connection: Connection): void {
  const { pass } = connection;
  connection.pass = undefined;
  pass?.();
}
