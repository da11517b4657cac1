import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { BodyBudget } from '../../src/server/http/body-budget.ts';
import { BodyPart } from '../../src/server/http/body-part.ts';
import { OverloadedError } from '../../src/server/http/failures.ts';
import { KnownCallers } from '../../src/server/http/known-callers.ts';
import { aPod } from '../builders.ts';
import { eventually } from '../eventually.ts';
import { connectFrom, hasManyAddresses } from './loopback.ts';
import { anApp, aReview, post, type TestApp } from './wire.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function listen({ listener }: TestApp): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

const overloaded = JSON.stringify({
  code: 'overloaded',
  message: 'too many bytes of request bodies are in flight',
});

/** Sends a head and a part of the body, which never ends. */
function sendHalf(
  port: number,
  { from = '127.0.0.1', header, bytes }: { from?: string; header: string; bytes: number },
): Socket {
  const socket = connectFrom(from, port);
  socket.write(
    'POST /validate?timeout=20s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
      `${header}\r\n\r\n${'x'.repeat(bytes)}`,
  );
  return socket;
}

const announced = (bytes: number): string => `Content-Length: ${bytes}`;

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(socket, 'close');
  return text;
}

describe('the budget of bodies in flight', () => {
  const mebibyte = 1024 * 1024;

  it.each([
    [16, 4],
    [64, 1],
    [1_024, 0.5],
  ])('keeps room for a known caller while %d strangers send %d MiB each', (count, mebibytes) => {
    const callers = new KnownCallers();
    callers.add('10.0.0.1');
    const budget = new BodyBudget(callers);
    for (let index = 0; index < count; index++) {
      const share = budget.open(`10.1.0.${index}`);
      share.beginReading(() => undefined);
      try {
        share.take(mebibytes * mebibyte);
      } catch (error) {
        expect(error).toEqual(new OverloadedError());
      }
    }
    for (let review = 0; review < 8; review++) {
      const share = budget.open('10.0.0.1');
      share.announce(6 * mebibyte);
      share.take(6 * mebibyte);
    }
    expect(budget.used).toBe(64 * mebibyte);
  });

  it('keeps room for a stranger while known callers hold all of theirs', () => {
    const callers = new KnownCallers();
    callers.add('10.0.0.1');
    const budget = new BodyBudget(callers, 100);
    budget.open('10.0.0.1').take(75);
    expect(() => {
      budget.open('10.0.0.1').take(1);
    }).toThrow('too many bytes of request bodies are in flight');
    budget.open('10.1.0.1').take(25);
    expect(budget.used).toBe(100);
  });

  it('divides what known callers have fairly among them', () => {
    const callers = new KnownCallers();
    for (const address of ['10.0.0.1', '10.0.0.2']) callers.add(address);
    const budget = new BodyBudget(callers, 100);
    let isLost = false;
    const greedy = budget.open('10.0.0.1');
    greedy.beginReading(() => {
      isLost = true;
    });
    greedy.take(70);
    budget.open('10.0.0.2').take(20);
    expect(isLost).toBe(true);
  });

  it('refuses a body by its announced length, without reading it', async () => {
    const app = anApp({ bodyBytes: 200_000 });
    const port = await listen(app);
    const text = await textOf(sendHalf(port, { header: announced(50_001), bytes: 0 }));
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    expect(text).toContain(overloaded);
    expect(app.decisions()).toEqual([
      expect.objectContaining({
        decision: 'overloaded',
        status: 503,
        problem: 'too many bytes of request bodies are in flight',
      }),
    ]);
    expect(await app.metrics.render()).toContain(
      'bucketwarden_failures_total{reason="overloaded"} 1',
    );
  });

  it('refuses a body by what has been received, when no length was announced', async () => {
    const app = anApp({ bodyBytes: 200_000 });
    const port = await listen(app);
    const size = 60_000;
    const text = await textOf(
      sendHalf(port, {
        header: `Transfer-Encoding: chunked\r\n\r\n${size.toString(16)}`,
        bytes: size,
      }),
    );
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    expect(text).toContain(overloaded);
    expect(app.budget.used).toBe(0);
  });

  it('refuses what would exceed it together with what the same caller has sent', async () => {
    const app = anApp({ bodyBytes: 200_000 });
    const port = await listen(app);
    const first = sendHalf(port, { header: announced(40_000), bytes: 30_000 });
    await eventually(() => {
      expect(app.budget.used).toBe(30_000);
    });
    const second = sendHalf(port, { header: announced(25_000), bytes: 0 });
    expect(await textOf(second)).toContain(overloaded);
    first.destroy();
    await eventually(() => {
      expect(app.budget.used).toBe(0);
    });
    expect((await post(app, '/validate', aReview())).status).toBe(200);
    expect(app.budget.used).toBe(0);
  });

  it.skipIf(!hasManyAddresses)('is taken from whoever holds most of it', async () => {
    const app = anApp({ bodyBytes: 200_000 });
    const port = await listen(app);
    const greedy = sendHalf(port, { from: '127.0.0.2', header: announced(50_000), bytes: 49_000 });
    const answer = textOf(greedy);
    await eventually(() => {
      expect(app.budget.used).toBe(49_000);
    });
    const small = sendHalf(port, { header: announced(3_000), bytes: 2_000 });
    expect(await answer).toContain(overloaded);
    expect(app.budget.used).toBe(2_000);
    small.destroy();
    expect((await post(app, '/validate', aReview())).status).toBe(200);
  });

  it.skipIf(!hasManyAddresses)(
    'has room for a large review of a known caller while many strangers have sent half of theirs',
    async () => {
      const app = anApp({ bodyBytes: 200_000 });
      const port = await listen(app);
      expect((await post(app, '/validate', aReview())).status).toBe(200);
      for (let index = 0; index < 20; index++) {
        sendHalf(port, { from: `127.0.1.${index + 1}`, header: announced(9_000), bytes: 8_000 });
      }
      await eventually(() => {
        expect(app.decisions().length - 1 + app.budget.used / 8_000).toBe(20);
      });
      const object = aPod({ metadata: { annotations: { big: 'x'.repeat(140_000) } } });
      expect((await post(app, '/validate', aReview({ object }))).status).toBe(200);
    },
  );

  it('counts a body that was given up until its connection is closed', async () => {
    const app = anApp({ bodyBytes: 200_000 });
    const port = await listen(app);
    const socket = connectFrom('127.0.0.1', port);
    socket.write(
      'POST /validate?timeout=2ms HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
        `${announced(40_000)}\r\n\r\n${'x'.repeat(10_000)}`,
    );
    expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 500 /);
    await eventually(() => {
      expect(app.budget.used).toBe(0);
    });
  });
});

describe('a share of one part of the budget', () => {
  it('that is complete is never taken away', () => {
    const part = new BodyPart(100);
    const complete = part.open('a');
    let isLost = false;
    complete.beginReading(() => {
      isLost = true;
    });
    complete.take(90);
    complete.keep();
    const other = part.open('b');
    expect(() => {
      other.take(20);
    }).toThrow('too many bytes of request bodies are in flight');
    expect(isLost).toBe(false);
    complete.release();
    complete.release();
    other.take(100);
    expect(part.used).toBe(100);
  });

  it('is never taken from somebody who holds less', () => {
    const part = new BodyPart(100);
    for (const address of ['a', 'b', 'c']) {
      const share = part.open(address);
      share.beginReading(() => {
        throw new Error(`${address} lost its share`);
      });
      share.take(30);
    }
    expect(() => {
      part.open('d').take(40);
    }).toThrow('too many bytes of request bodies are in flight');
  });
});
