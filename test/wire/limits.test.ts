import { once } from 'node:events';
import { createServer, request as httpRequest, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import supertest from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/limits.ts';
import { createAdmissionListener } from '../../src/server/http/admission-listener.ts';
import { eventually } from '../eventually.ts';
import { aPod, aServiceEntry } from '../builders.ts';
import { anApp, aReview, aSetting, post, responseOf } from './wire.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** Sends a head, and nothing else by itself. */
async function openPost(port: number, headers: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  const head =
    'POST /validate?timeout=30s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  socket.write(`${head}${headers}\r\n`);
  return socket;
}

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await new Promise((resolve) => socket.on('close', resolve));
  return text;
}

describe('a body that is too large', () => {
  const tooLarge = {
    code: 'malformed-request',
    message: `body: larger than ${limits.maxBodyBytes} bytes`,
  };

  it('is rejected by its announced length, before it is read', async () => {
    const app = anApp();
    const port = await listen(app.listener);
    const socket = await openPost(port, `Content-Length: ${limits.maxBodyBytes + 1}\r\n`);
    const text = await textOf(socket);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain('Connection: close');
    expect(text).toContain(JSON.stringify(tooLarge));
    expect(app.decisions()).toEqual([
      expect.objectContaining({ decision: 'malformed', status: 413 }),
    ]);
  });

  it('is cut off at the limit when its length is not announced', async () => {
    const port = await listen(anApp().listener);
    const socket = await openPost(port, 'Transfer-Encoding: chunked\r\n');
    const chunk = 'x'.repeat(1024 * 1024);
    const answered = textOf(socket);
    // Goes on for ever: only the server can end this.
    const write = (): void => {
      while (!socket.destroyed && socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`));
    };
    socket.on('drain', write);
    write();
    expect(await answered).toMatch(/^HTTP\/1\.1 413 /);
    expect(socket.bytesWritten).toBeLessThan(8 * limits.maxBodyBytes);
  });

  it('is answered so that a client which is still sending sees the answer', async () => {
    const port = await listen(anApp().listener);
    const outgoing = httpRequest({
      port,
      method: 'POST',
      path: '/validate',
      headers: { 'content-type': 'application/json' },
    });
    outgoing.on('error', () => undefined);
    outgoing.end('x'.repeat(limits.maxBodyBytes + 1));
    const [incoming] = (await once(outgoing, 'response')) as [{ statusCode: number }];
    expect(incoming.statusCode).toBe(413);
  });
});

describe('a large body within the limit (A13)', () => {
  it('of 3 MiB is judged', async () => {
    const object = aPod({ metadata: { annotations: { big: 'x'.repeat(3 * 1024 * 1024) } } });
    const app = anApp();
    for (const path of ['/mutate', '/validate']) {
      const answer = await post(app, path, aReview({ object }));
      expect(answer.status).toBe(200);
    }
  });

  it('with 300 containers is judged', async () => {
    const containers = Array.from({ length: limits.maxContainers }, (_, index) => ({
      name: `c${index}`,
      image: 'a:1',
      env: [{ name: 'S3_BUCKET', value: `foreign-${index}` }],
    }));
    const app = anApp();
    const object = aPod({ spec: { containers } });
    const response = responseOf(await post(app, '/validate', aReview({ object })));
    expect(response['allowed']).toBe(false);
    expect((await post(app, '/mutate', aReview({ object }))).status).toBe(200);
  });

  it('with 10000 hosts is judged', async () => {
    const hosts = Array.from({ length: 10_000 }, (_, index) => `h${index}.example.org`);
    const review = aReview({ object: aServiceEntry(hosts) });
    const response = responseOf(await post(anApp(), '/validate', review));
    expect(response['allowed']).toBe(false);
    expect(JSON.stringify(response).length).toBeLessThan(10_000);
  });
});

describe('the wrong way to ask', () => {
  it.each(['get', 'put', 'delete', 'patch'] as const)('%s is answered with 405', async (method) => {
    const app = anApp();
    const answer = await supertest(app.listener)[method]('/validate');
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('POST');
    expect(answer.body).toEqual({ code: 'malformed-request', message: 'method: must be POST' });
    expect(app.decisions()).toHaveLength(1);
  });

  it.each(['text/plain', 'application/yaml', 'application/jsonx', ''])(
    'content type "%s" is answered with 415',
    async (type) => {
      const answer = await post(anApp(), '/mutate', aReview()).set('Content-Type', type);
      expect(answer.status).toBe(415);
      expect(answer.body).toEqual({
        code: 'malformed-request',
        message: 'content-type: must be application/json',
      });
    },
  );

  it('a compressed body is answered with 415', async () => {
    const answer = await post(anApp(), '/mutate', aReview()).set('Content-Encoding', 'gzip');
    expect(answer.status).toBe(415);
  });
});

describe('the deadline (F2)', () => {
  const never = (): Promise<never> => new Promise(() => undefined);

  it('ends a request that nobody decides with 500', async () => {
    const app = anApp();
    const listener = createAdmissionListener(aSetting(app, never));
    const answer = await post({ listener }, '/validate?timeout=2ms', aReview({ uid: 'late' }));
    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({ code: 'unknown-answer', message: 'no answer within 1 ms' });
    expect(app.decisions()).toEqual([
      expect.objectContaining({ uid: 'late', decision: 'timeout', status: 500 }),
    ]);
    expect(await app.metrics.render()).toContain('bucketwarden_failures_total{reason="timeout"} 1');
  });

  it('holds for a decision that came, but too late', async () => {
    const app = anApp();
    const listener = createAdmissionListener(
      aSetting(app, () => {
        const until = performance.now() + 5;
        while (performance.now() < until);
        const decision = {
          allowed: true,
          message: '',
          denied: [],
          warned: [],
          audited: [],
          omitted: 0,
        };
        return Promise.resolve({ decision, patch: [], tenant: '' });
      }),
    );
    const answer = await post({ listener }, '/validate?timeout=2ms', aReview());
    expect(answer.status).toBe(500);
    expect(app.decisions()).toHaveLength(1);
  });

  it('ends a body that does not come', async () => {
    const app = anApp();
    const port = await listen(app.listener);
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'POST /validate?timeout=50ms HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
        'Content-Length: 1000\r\n\r\n{"kind":',
    );
    const text = await textOf(socket);
    expect(text).toMatch(/^HTTP\/1\.1 500 /);
    expect(text).toContain('no answer within 25 ms');
    expect(app.decisions()).toEqual([
      expect.objectContaining({ decision: 'timeout', status: 500 }),
    ]);
  });
});

describe('a caller that leaves', () => {
  it('in the middle of its body leaves one decision line and a running server', async () => {
    const app = anApp();
    const port = await listen(app.listener);
    const socket = await openPost(port, 'Content-Length: 1000\r\n');
    socket.write('{"kind":');
    socket.destroy();
    await eventually(() => {
      expect(app.decisions()).toEqual([
        expect.objectContaining({ decision: 'aborted', status: 0 }),
      ]);
    });
    expect((await post(app, '/mutate', aReview())).status).toBe(200);
  });

  it('before its answer does not matter', async () => {
    const app = anApp();
    const gate = Promise.withResolvers<undefined>();
    const listener = createAdmissionListener(
      aSetting(app, async () => {
        await gate.promise;
        const decision = {
          allowed: true,
          message: '',
          denied: [],
          warned: [],
          audited: [],
          omitted: 0,
        };
        return { decision, patch: [], tenant: '' };
      }),
    );
    const port = await listen(listener);
    const body = JSON.stringify(aReview());
    const socket = await openPost(port, `Content-Length: ${Buffer.byteLength(body)}\r\n`);
    socket.end(body);
    socket.destroy();
    gate.resolve(undefined);
    await eventually(() => {
      expect(app.decisions()).toHaveLength(1);
    });
  });
});
