import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { createServer } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ask,
  certificates,
  endAll,
  mayUse,
  startServed,
  tenantYaml,
  type Served,
} from './served.ts';
import { aReview } from './wire.ts';

afterEach(endAll);

const tenants = { 'tenants.yaml': tenantYaml('payments-ledger') };

describe('a server started with nothing but tenants', () => {
  it('makes a certificate that callers can verify, and answers', async () => {
    const served = await startServed(tenants);
    expect(await mayUse(served, 'payments-ledger')).toBe(true);
    expect(await mayUse(served, 'analytics-ledger')).toBe(false);
    const names = new X509Certificate(served.ca).ca;
    expect(names).toBe(true);
    expect(served.log.lines().map(({ msg }) => msg)).toEqual([
      'signing key made in memory: restarts and other replicas do not know it; name one with --signing-keys',
      'listening',
      'decision',
      'decision',
    ]);
  });

  it('speaks no TLS older than 1.2', async () => {
    const { server, ca } = await startServed(tenants);
    const socket = connect({
      port: server.port,
      host: '127.0.0.1',
      ca,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    await expect(once(socket, 'secureConnect')).rejects.toThrow(/alert protocol version/);
  });

  it('tells when its certificate expires', async () => {
    const { metrics } = await startServed(tenants);
    const expiry = /certificate_expiry_timestamp_seconds (\d+)/.exec(await metrics())?.[1];
    const days = (Number(expiry) * 1000 - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(360);
    expect(days).toBeLessThan(366);
  });
});

describe('a server that cannot start', () => {
  it.each([
    [
      'a missing file',
      { tenants: ['/nowhere/tenants.yaml'] },
      'cannot be read: no such file or directory',
    ],
    [
      'half a certificate',
      { tlsCert: 'x' },
      '--tls-cert needs --tls-key, and the other way round: give both or neither',
    ],
    [
      'a missing key file',
      { signingKeys: '/nowhere/keys.json' },
      'cannot be read: no such file or directory',
    ],
  ])('for %s says why', async (_name, options, message) => {
    await expect(startServed(tenants, () => options)).rejects.toThrow(message);
  });

  it('for a bad declaration names file, line and field', async () => {
    const files = { 'tenants.yaml': tenantYaml('Payments_Ledger') };
    await expect(startServed(files)).rejects.toThrow(
      /tenants\.yaml:6:20: spec\.buckets\[0\]\.name/,
    );
  });

  it('for a key that belongs to another certificate says so', async () => {
    const [one, other] = [await certificates(), await certificates()];
    const files = {
      ...tenants,
      'tls.crt': one.serving.certificate,
      'tls.key': other.serving.privateKey,
    };
    await expect(
      startServed(files, (path) => ({ tlsCert: path('tls.crt'), tlsKey: path('tls.key') })),
    ).rejects.toThrow('certificate and key cannot be used: ');
  });

  it('for an empty directory says so: an empty mount is not "no tenants"', async () => {
    await expect(startServed({}, (path) => ({ tenants: [path('.')] }))).rejects.toThrow(
      'has no .yaml, .yml or .json file in it',
    );
  });

  it('for a taken port names it', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startServed(tenants, () => ({ port }))).rejects.toThrow(
      `cannot listen on port ${port}: `,
    );
    taken.close();
  });
});

describe('ending', () => {
  const body = JSON.stringify(aReview());
  const head =
    'POST /mutate?timeout=30s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`;

  async function startRequest({ server, ca }: Served): Promise<TLSSocket> {
    const socket = connect({ port: server.port, host: '127.0.0.1', ca });
    await once(socket, 'secureConnect');
    socket.on('error', () => undefined);
    socket.write(head + body.slice(0, 20));
    // An answer on another connection shows that the server has read this far.
    await ask({ port: server.port, ca, path: '/healthz' });
    return socket;
  }

  function textOf(socket: TLSSocket): Promise<string> {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    return new Promise((resolve) => {
      socket.on('close', () => {
        resolve(text);
      });
    });
  }

  it('finishes a running request, takes no new ones, and writes its log', async () => {
    const served = await startServed(tenants);
    const { server, ca, log } = served;
    const socket = await startRequest(served);
    const answer = textOf(socket);
    const stopped = server.stop();
    await expect(ask({ port: server.port, ca, path: '/healthz' })).rejects.toThrow(/ECONNREFUSED/);
    const ready = await fetch(`http://127.0.0.1:${server.metricsPort}/readyz`);
    expect(ready.status).toBe(503);
    socket.write(body.slice(20));
    expect(await answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n/);
    await stopped;
    await server.closed;
    expect(log.lines().map(({ msg }) => msg)).toEqual([
      'signing key made in memory: restarts and other replicas do not know it; name one with --signing-keys',
      'listening',
      'draining',
      'decision',
      'drained',
    ]);
  });

  it('closes idle connections at once', async () => {
    const { server, ca } = await startServed(tenants);
    const agent = new Agent({ keepAlive: true });
    await ask({ port: server.port, ca, path: '/healthz', agent });
    await server.stop();
    agent.destroy();
  });

  it('waits for nobody when told twice', async () => {
    const served = await startServed(tenants);
    const socket = await startRequest(served);
    const answer = textOf(socket);
    void served.server.stop();
    await served.server.stop();
    expect(await answer).toBe('');
    const ends = served.log.lines().filter(({ decision }) => decision === 'aborted');
    expect(ends).toHaveLength(1);
  });
});
