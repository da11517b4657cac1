import type { Socket } from 'node:net';

/** One TCP connection of an address. */
export interface Connection {
  readonly socket: Socket;
  /** Begins TLS; undefined once that has happened. */
  pass: (() => void) | undefined;
  /** True once it has delivered a valid review. */
  isTrusted: boolean;
}

/** The connections of one address, by its port, oldest first. */
type Connections = Map<number, Connection>;

const none: ReadonlyMap<number, Connection> = new Map();

/**
 * As many connections as one kind of callers may have together. When all are taken, the address with most of
 * them loses one, so that an address with few of them always finds room.
 */
export class ConnectionPool {
  readonly #most: number;
  readonly #callers = new Map<string, Connections>();
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#count;
  }

  /** Of all addresses. */
  *all(): Iterable<Connection> {
    for (const connections of this.#callers.values()) yield* connections.values();
  }

  of(address: string): ReadonlyMap<number, Connection> {
    return this.#callers.get(address) ?? none;
  }

  add(address: string, port: number, connection: Connection): void {
    const connections = this.#callers.get(address) ?? new Map<number, Connection>();
    this.#callers.set(address, connections.set(port, connection));
    this.#count += 1;
  }

  /** Does nothing when it is not here. */
  remove(address: string, port: number, connection: Connection): void {
    const connections = this.#callers.get(address);
    if (connections?.get(port) !== connection) return;
    connections.delete(port);
    this.#count -= 1;
    if (connections.size === 0) this.#callers.delete(address);
  }

  /** Takes over all connections of an address; others give way if they are too many. */
  takeFrom(other: ConnectionPool, address: string): void {
    for (const [port, connection] of other.of(address)) {
      other.remove(address, port, connection);
      this.add(address, port, connection);
    }
    while (this.#count > this.#most && this.#closeOf(this.#greediest()));
  }

  /** False when the address that wants one more connection is the one to give way. */
  makeRoom(address: string): boolean {
    if (this.#count < this.#most) return true;
    const greediest = this.#greediest();
    const isGreediest = this.of(address).size >= this.of(greediest).size;
    return isGreediest ? this.closeUntrusted(address) : this.#closeOf(greediest);
  }

  /** Closes a connection of the address that waits, else one that has not delivered anything; false without one. */
  closeUntrusted(address: string): boolean {
    return (
      this.#close(address, ({ pass }) => pass !== undefined) ||
      this.#close(address, ({ isTrusted }) => !isTrusted)
    );
  }

  #closeOf(address: string): boolean {
    return this.closeUntrusted(address) || this.#close(address, () => true);
  }

  /** Closes the oldest such connection. It is out of the count at once, and not only when it is closed. */
  #close(address: string, isSuch: (connection: Connection) => boolean): boolean {
    for (const [port, connection] of this.of(address)) {
      if (!isSuch(connection)) continue;
      this.remove(address, port, connection);
      connection.socket.destroy();
      return true;
    }
    return false;
  }

  #greediest(): string {
    let greediest = '';
    let most = 0;
    for (const [address, { size }] of this.#callers) {
      if (size > most) [greediest, most] = [address, size];
    }
    return greediest;
  }
}
