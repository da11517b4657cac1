import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

import { hasCode } from './programs.ts';

/** A TCP port of 127.0.0.1 that no other test run takes, whether or not anything listens on it. */
export interface ReservedPort {
  readonly port: number;
  readonly release: () => void;
}

const LOOPBACK = '127.0.0.1';
const LOWEST_PORT = 15_000;
const HIGHEST_PORT = 32_767;

/**
 * Reserves a port for a program that must find it free every time it starts. A free port chosen by the
 * kernel would not do: it is one of those that the kernel also gives to outgoing connections, so any
 * connection on the machine may hold it while the program is down. The ports used here are outside of
 * that range.
 *
 * Of two test runs that choose the same port only one may get it. The lock of TCP port n is UDP port n:
 * the kernel frees it however this process ends, and everybody who shares the TCP ports sees it, which
 * is not true of a file.
 */
export async function reservePort(): Promise<ReservedPort> {
  const ports = reservablePorts(readEphemeralRange());
  const start = randomInt(ports.length);
  for (const port of [...ports.slice(start), ...ports.slice(0, start)]) {
    const reserved = await tryReserve(port);
    if (reserved !== undefined) return reserved;
  }
  throw new Error(`every port between ${LOWEST_PORT} and ${HIGHEST_PORT} is in use`);
}

/** Reserves this port; undefined when it is in use or reserved by somebody else. */
export async function tryReserve(port: number): Promise<ReservedPort | undefined> {
  const lock = await tryLock(port);
  if (lock === undefined) return undefined;
  if (await isFree(port)) return { port, release: () => void lock.close() };
  lock.close();
  return undefined;
}

/** The ports to choose from, given the first and last port of the range for outgoing connections. */
export function reservablePorts([first, last]: readonly [number, number]): readonly number[] {
  const all = Array.from(
    { length: HIGHEST_PORT - LOWEST_PORT + 1 },
    (_, index) => LOWEST_PORT + index,
  );
  const outside = all.filter((port) => port < first || port > last);
  // Where outgoing connections may use every port, the lock alone has to do.
  return outside.length > 0 ? outside : all;
}

function readEphemeralRange(): readonly [number, number] {
  const file = '/proc/sys/net/ipv4/ip_local_port_range';
  // The range of IANA, which macOS and Windows use.
  if (!existsSync(file)) return [49_152, 65_535];
  const [first = NaN, last = NaN] = readFileSync(file, 'utf8').trim().split(/\s+/).map(Number);
  return [first, last];
}

async function tryLock(port: number): Promise<Socket | undefined> {
  // `exclusive` keeps node:cluster from sharing the socket.
  const socket = createSocket('udp4').unref();
  try {
    socket.bind({ port, address: LOOPBACK, exclusive: true });
    await once(socket, 'listening');
    return socket;
  } catch (error) {
    socket.close();
    if (isTaken(error)) return undefined;
    throw error;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ port, host: LOOPBACK, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}

function isTaken(error: unknown): boolean {
  return hasCode(error, 'EADDRINUSE') || hasCode(error, 'EACCES');
}
