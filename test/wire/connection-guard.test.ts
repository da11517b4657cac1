import { once } from 'node:events';
import {
  Agent as HttpAgent,
  createServer as createHttpServer,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Agent } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/limits.ts';
import { ConnectionGuard } from '../../src/server/http/connection-guard.ts';
import { KnownCallers } from '../../src/server/http/known-callers.ts';
import { eventually } from '../eventually.ts';
import { connectFrom, hasManyAddresses } from './loopback.ts';
import { ask, endAll, startServed, tenantYaml, type Served } from './served.ts';
import { anApp, aReview } from './wire.ts';

const open: Socket[] = [];
const servers: Server[] = [];

afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  await endAll();
});

/** Opens connections one by one; each is in place before the next. */
async function openFrom(address: string, port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index++) {
    const socket = connectFrom(address, port);
    sockets.push(socket);
    open.push(socket);
    await once(socket, 'connect');
  }
  return sockets;
}

const openOnes = (sockets: readonly Socket[]): number =>
  sockets.filter(({ closed }) => !closed).length;

/** A guard before a server that does nothing, and what was let through to it. */
async function guardedServer(total?: number) {
  const callers = new KnownCallers();
  const guard = new ConnectionGuard(callers, total);
  const passed: Socket[] = [];
  const server = createServer((socket) => {
    guard.take(socket, () => {
      passed.push(socket);
      socket.resume();
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const counted = (count: number): Promise<void> =>
    eventually(() => {
      expect(guard.count).toBe(count);
    });
  return { callers, guard, port, passed, counted };
}

describe('the connections of an address that has never sent a valid review', () => {
  it('are few at work, and the next one follows when one ends', async () => {
    const { port, passed, counted } = await guardedServer();
    const sockets = await openFrom('127.0.0.1', port, limits.maxConnectionsOfStranger + 3);
    await counted(limits.maxConnectionsOfStranger + 3);
    expect(passed).toHaveLength(limits.maxConnectionsOfStranger);
    sockets[0]?.destroy();
    await counted(limits.maxConnectionsOfStranger + 2);
    expect(passed).toHaveLength(limits.maxConnectionsOfStranger + 1);
  });

  it('all go on with the first valid review', async () => {
    const { guard, port, passed, counted } = await guardedServer();
    await openFrom('127.0.0.1', port, 40);
    await counted(40);
    const [first] = passed;
    if (first) guard.recognize(first);
    expect(passed).toHaveLength(40);
  });

  it('are closed when too many of them wait', async () => {
    const { port, counted } = await guardedServer();
    const most = limits.maxWaitingConnectionsOfStranger;
    const sockets = await openFrom('127.0.0.1', port, most + 10);
    await counted(most);
    await eventually(() => {
      expect(openOnes(sockets)).toBe(most);
    });
  });

  it('that wait are closed when the server ends, and no others come', async () => {
    const { guard, port, counted } = await guardedServer();
    await openFrom('127.0.0.1', port, limits.maxConnectionsOfStranger + 5);
    await counted(limits.maxConnectionsOfStranger + 5);
    guard.stop();
    await counted(limits.maxConnectionsOfStranger);
    const [late] = await openFrom('127.0.0.1', port, 1);
    await eventually(() => {
      expect(late?.closed).toBe(true);
    });
  });
});

describe.skipIf(!hasManyAddresses)('when known callers have taken all of theirs', () => {
  it('the one with most of them loses one, those without a review first', async () => {
    const { callers, guard, port, passed, counted } = await guardedServer(12);
    for (const address of ['127.0.0.2', '127.0.0.3']) callers.add(address);
    const many = await openFrom('127.0.0.2', port, 9);
    await counted(9);
    for (const socket of passed.slice(0, 2)) guard.recognize(socket);
    const few = await openFrom('127.0.0.3', port, 3);
    await eventually(() => {
      expect([openOnes(many), openOnes(few), guard.count]).toEqual([6, 3, 9]);
    });
    expect(many.map(({ closed }) => closed).slice(0, 6)).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it('a newcomer that holds as many as anybody else is refused', async () => {
    const { callers, guard, port, passed, counted } = await guardedServer(6);
    for (const address of ['127.0.0.2', '127.0.0.3']) callers.add(address);
    const one = await openFrom('127.0.0.2', port, 2);
    const other = await openFrom('127.0.0.3', port, 3);
    await counted(5);
    for (const socket of passed) guard.recognize(socket);
    const [late] = await openFrom('127.0.0.3', port, 1);
    await eventually(() => {
      expect(late?.closed).toBe(true);
    });
    expect([openOnes(one), openOnes(other)]).toEqual([2, 3]);
  });

  it('a stranger that becomes known brings no more than there is room for', async () => {
    const { callers, guard, port, passed, counted } = await guardedServer(16);
    callers.add('127.0.0.2');
    const one = await openFrom('127.0.0.2', port, 11);
    await counted(11);
    for (const socket of passed) guard.recognize(socket);
    const other = await openFrom('127.0.0.3', port, 4);
    await counted(15);
    const last = passed.at(-1);
    if (last) guard.recognize(last);
    await eventually(() => {
      expect([openOnes(one), openOnes(other), guard.count]).toEqual([8, 4, 12]);
    });
    await openFrom('127.0.0.4', port, 4);
    await counted(16);
  });
});

describe.skipIf(!hasManyAddresses)('strangers, however many addresses they have', () => {
  it('close no connection of a known caller', async () => {
    const { guard, port, passed, counted } = await guardedServer(64);
    const known = await openFrom('127.0.0.2', port, 10);
    await counted(10);
    for (const socket of passed) guard.recognize(socket);
    const strangers: Socket[] = [];
    for (let index = 0; index < 20; index++) {
      strangers.push(...(await openFrom(`127.0.1.${index + 1}`, port, 5)));
    }
    await counted(10 + 16);
    await eventually(() => {
      expect(openOnes(strangers)).toBe(16);
    });
    expect(openOnes(known)).toBe(10);
    const more = await openFrom('127.0.0.2', port, 38);
    await counted(48 + 16);
    expect(openOnes([...known, ...more])).toBe(48);
  });

  it('leave room for one that is new, at the expense of the one with most of them', async () => {
    const { port, counted } = await guardedServer(160);
    const many = await openFrom('127.0.0.3', port, 40);
    await counted(40);
    const [late] = await openFrom('127.0.0.4', port, 1);
    await eventually(() => {
      expect([openOnes(many), late?.closed]).toEqual([39, false]);
    });
    // The first one that waits.
    expect(many[limits.maxConnectionsOfStranger]?.closed).toBe(true);
  });
});

/** What node adds to keepAliveTimeout. */
const nodesReserveMilliseconds = 1_000;

describe('a server', () => {
  const tenants = { 'tenants.yaml': tenantYaml('payments-ledger') };
  const body = JSON.stringify(aReview());

  async function connectionsOf({ metrics }: Served): Promise<number> {
    return Number(/^bucketwarden_connections (\d+)$/m.exec(await metrics())?.[1]);
  }

  it.skipIf(!hasManyAddresses)(
    'answers while another address has thousands of connections open',
    async () => {
      const served = await startServed(tenants);
      const { port } = served.server;
      const agent = new Agent({ keepAlive: true });
      const good = { port, ca: served.ca, path: '/validate', body };
      expect((await ask({ ...good, agent })).status).toBe(200);
      const sockets = Array.from({ length: 3_000 }, () => connectFrom('127.0.0.2', port));
      open.push(...sockets);
      await eventually(async () => {
        expect(await connectionsOf(served)).toBeGreaterThanOrEqual(
          limits.maxWaitingConnectionsOfStranger,
        );
      });
      expect((await ask({ ...good, agent })).status).toBe(200);
      expect((await ask(good)).status).toBe(200);
      // The good caller has two connections at most.
      expect(await connectionsOf(served)).toBeLessThanOrEqual(
        limits.maxWaitingConnectionsOfStranger + 2,
      );
      agent.destroy();
    },
  );

  it('takes as many connections at once as an API server opens when it starts', async () => {
    const { server, ca } = await startServed(tenants);
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => ask({ port: server.port, ca, path: '/validate', body })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  });

  it('keeps an idle connection for long only when it has brought a valid review', async () => {
    const server = createHttpServer(anApp().listener);
    servers.push(server);
    const sockets: Socket[] = [];
    server.on('connection', (socket: Socket) => sockets.push(socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const agent = new HttpAgent({ keepAlive: true });
    const headers = { 'content-type': 'application/json' };
    const send = async (text: string): Promise<void> => {
      const outgoing = httpRequest({ port, agent, headers, method: 'POST', path: '/validate' });
      outgoing.end(text);
      const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
      await incoming.resume().toArray();
    };
    const idleTime = (expected: number): Promise<void> =>
      eventually(() => {
        expect(sockets[0]?.timeout).toBe(expected);
      });
    await send('{');
    await idleTime(server.keepAliveTimeout + nodesReserveMilliseconds);
    await send(body);
    await idleTime(limits.keepAliveTimeoutMilliseconds);
    expect(sockets).toHaveLength(1);
    agent.destroy();
  });
});
