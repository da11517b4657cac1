import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { LRUCache } from 'lru-cache';
import { limits } from '../../limits.ts';

/** One TCP connection of an address. */
interface Connection {
  readonly socket: Socket;
  /** Begins TLS; undefined once that has happened. */
  pass: (() => void) | undefined;
  /** True once it has delivered a valid review. */
  isTrusted: boolean;
}

/** The connections of one address, by its port, oldest first. */
type Connections = Map<number, Connection>;

/** Either end of a connection, as it is known on every layer of it. */
type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/**
 * Divides the connections among the addresses they come from. An address that has never sent a valid
 * review has few at work at a time, and the rest of them wait; one that has, as the API server, may have
 * many. When all are taken, the address with most of them loses one, so that no caller can keep the API server out.
 */
export class ConnectionGuard {
  readonly #callers = new Map<string, Connections>();
  readonly #known = new LRUCache<string, true>({ max: limits.maxKnownAddresses });
  readonly #total: number;
  #count = 0;
  #isStopped = false;

  constructor(total: number = limits.maxConnections) {
    this.#total = total;
  }

  /** Open connections, waiting ones included. */
  get count(): number {
    return this.#count;
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
    const connections = this.#callers.get(address) ?? new Map<number, Connection>();
    const connection: Connection = { socket, pass, isTrusted: false };
    this.#callers.set(address, connections.set(port, connection));
    this.#count += 1;
    const timer = setTimeout(() => {
      if (connection.pass !== undefined) socket.destroy();
    }, limits.headersTimeoutMilliseconds).unref();
    socket.once('close', () => {
      clearTimeout(timer);
      this.#count -= 1;
      connections.delete(port);
      if (connections.size === 0) this.#callers.delete(address);
      else this.#passWaiting(address, connections);
    });
    // A connection that waits may be reset by its other end.
    socket.on('error', () => undefined);
    this.#passWaiting(address, connections);
  }

  /** To be called for every valid review: its address is known from now on. */
  recognize({ remoteAddress, remotePort }: Peer): void {
    if (remoteAddress === undefined || remotePort === undefined) return;
    const connections = this.#callers.get(remoteAddress);
    const connection = connections?.get(remotePort);
    if (connection !== undefined) connection.isTrusted = true;
    if (this.#known.get(remoteAddress) === true) return;
    this.#known.set(remoteAddress, true);
    if (connections !== undefined) this.#passWaiting(remoteAddress, connections);
  }

  /** Closes what waits and takes nothing more. */
  stop(): void {
    this.#isStopped = true;
    for (const connections of this.#callers.values()) {
      for (const { socket, pass } of connections.values()) if (pass) socket.destroy();
    }
  }

  #passWaiting(address: string, connections: Connections): void {
    const isKnown = this.#known.has(address);
    let working = 0;
    for (const connection of connections.values()) {
      const { pass } = connection;
      if (pass !== undefined) {
        if (!isKnown && working >= limits.maxConnectionsOfStranger) return;
        connection.pass = undefined;
        pass();
      }
      working += 1;
    }
  }

  /** False when the newcomer is the one to give way. */
  #makeRoom(address: string): boolean {
    if (this.#isStopped) return false;
    const own = this.#callers.get(address);
    const size = own?.size ?? 0;
    if (!this.#known.has(address)) {
      if (size >= limits.maxWaitingConnectionsOfStranger) return false;
    } else if (size >= limits.maxConnectionsOfCaller) return closeUntrusted(own);
    if (this.#count < this.#total) return true;
    const greediest = this.#greediest();
    if (size >= greediest.size) return closeUntrusted(own);
    return closeUntrusted(greediest) || closeOldest(greediest);
  }

  #greediest(): Connections {
    let greediest: Connections = new Map();
    for (const connections of this.#callers.values()) {
      if (connections.size > greediest.size) greediest = connections;
    }
    return greediest;
  }
}

/** Closes the oldest connection that has not delivered anything; false when there is none. */
function closeUntrusted(connections: Connections = new Map()): boolean {
  for (const { socket, isTrusted } of connections.values()) {
    if (isTrusted || socket.destroyed) continue;
    socket.destroy();
    return true;
  }
  return false;
}

function closeOldest(connections: Connections): boolean {
  for (const { socket } of connections.values()) {
    if (socket.destroyed) continue;
    socket.destroy();
    return true;
  }
  return false;
}
