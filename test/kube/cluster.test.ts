import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { ClusterError, isConflict, isGone, isNotFound } from '../../src/kube/cluster-error.ts';
import type { Cluster, ClusterOptions } from '../../src/kube/cluster.ts';
import { connectCluster, NoClusterError } from '../../src/kube/connect.ts';

import { limits } from '../../src/limits.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

describe('a cluster', () => {
  const ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
    vi.unstubAllEnvs();
    vi.useRealTimers();
  });

  async function start(
    listener: RequestListener,
    options?: ClusterOptions,
  ): Promise<{ cluster: Cluster; url: string }> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const cluster = await connectCluster(writeKubeconfig(url), options);
    return { cluster, url };
  }

  it('is asked with the credentials of the kubeconfig', async () => {
    const { cluster } = await start((request, response) => {
      const { url, method, headers } = request;
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { authorization, accept, 'content-type': type } = headers;
        response.end(JSON.stringify({ url, method, authorization, accept, type, body }));
      });
    });
    expect(cluster.namespace).toBe('dev');
    expect(
      await cluster.ask({
        method: 'PATCH',
        path: '/api/v1/things/a',
        query: { limit: 5, watch: true },
        body: { spec: {} },
        contentType: 'application/merge-patch+json',
      }),
    ).toEqual({
      url: '/api/v1/things/a?limit=5&watch=true',
      method: 'PATCH',
      authorization: 'Bearer secret',
      accept: 'application/json',
      type: 'application/merge-patch+json',
      body: '{"spec":{}}',
    });
  });

  it('tells what the API server says about a failure, with its status', async () => {
    const answers: Readonly<Record<string, { status: number; text: string }>> = {
      '/forbidden': { status: 403, text: '{"message":"things is forbidden: User \\"x\\" cannot"}' },
      '/missing': { status: 404, text: '{"message":"things \\"a\\" not found"}' },
      '/conflict': { status: 409, text: '{}' },
      '/gone': { status: 410, text: '' },
      '/proxy': { status: 502, text: '<html>bad gateway</html>' },
      '/nonsense': { status: 200, text: 'hello' },
    };
    const { cluster, url } = await start(({ url: path = '' }, response) => {
      const { status = 500, text = '' } = answers[path] ?? {};
      response.writeHead(status).end(text);
    });
    const failureOf = async (path: string): Promise<unknown> =>
      cluster.ask({ path }).catch((error: unknown) => error);
    expect(String(await failureOf('/forbidden'))).toBe(
      `ClusterError: GET ${url}/forbidden: answered 403, things is forbidden: User "x" cannot`,
    );
    expect(isNotFound(await failureOf('/missing'))).toBe(true);
    expect(isConflict(await failureOf('/conflict'))).toBe(true);
    expect(isGone(await failureOf('/gone'))).toBe(true);
    expect(isGone(await failureOf('/missing'))).toBe(false);
    expect(String(await failureOf('/proxy'))).toBe(
      `ClusterError: GET ${url}/proxy: answered 502, <html>bad gateway</html>`,
    );
    expect(String(await failureOf('/nonsense'))).toBe(
      `ClusterError: GET ${url}/nonsense: answered 200, hello`,
    );
  });

  it('does not wait for a server that is silent, before or within its answer', async () => {
    const silent: RequestListener = (request, response) => {
      if (request.url === '/half') response.writeHead(200).write('{"a":');
    };
    const { cluster, url } = await start(silent, { requestMilliseconds: 300 });
    const expected = (path: string): string => `GET ${url}${path}: no answer in time`;
    await expect(cluster.ask({ path: '/silent' })).rejects.toThrow(expected('/silent'));
    await expect(cluster.ask({ path: '/half' })).rejects.toThrow(expected('/half'));
    await expect(linesOf(cluster, '/silent')).rejects.toThrow(expected('/silent'));
  });

  it('says why it cannot connect', async () => {
    const { cluster, url } = await start(() => undefined);
    for (const end of ends.splice(0)) await end();
    await expect(cluster.ask({ path: '/a' })).rejects.toThrow(
      `GET ${url}/a: connect ECONNREFUSED ${url.slice('http://'.length)}`,
    );
  });

  it('yields the lines of an answer wherever they were cut into pieces', async () => {
    const { cluster } = await start((_request, response) => {
      response.writeHead(200);
      const bytes = Buffer.from('{"name":"ä"}\n\n{"name":"b"}\n');
      let sent = 0;
      const timer = setInterval(() => {
        response.write(bytes.subarray(sent, (sent += 1)));
        if (sent < bytes.length) return;
        clearInterval(timer);
        response.end();
      }, 1);
    });
    expect(await linesOf(cluster, '/watch')).toEqual([{ name: 'ä' }, { name: 'b' }]);
  });

  it('goes on reading lines for longer than one answer may take', async () => {
    let finish: () => void = () => undefined;
    const { cluster } = await start((_request, response) => {
      response.writeHead(200).write('{"count":1}\n');
      finish = () => response.end('{"count":2}\n');
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const lines: JsonRecord[] = [];
    for await (const line of cluster.follow({ path: '/watch' })) {
      lines.push(line);
      vi.advanceTimersByTime(limits.clusterRequestMilliseconds + 1);
      finish();
    }
    expect(lines).toEqual([{ count: 1 }, { count: 2 }]);
  });

  it('fails on a line that is no JSON, on half a line, and when the answer breaks off', async () => {
    const { cluster, url } = await start((request, response) => {
      response.writeHead(200);
      if (request.url === '/text') response.end('{"a":1}\nhello\n');
      if (request.url === '/half') response.end('{"a":1}\n{"a"');
      if (request.url === '/cut') response.write('{"a":1}\n', () => response.destroy());
    });
    await expect(linesOf(cluster, '/text')).rejects.toThrow(
      `GET ${url}/text: a line is no JSON object`,
    );
    await expect(linesOf(cluster, '/half')).rejects.toThrow(
      `GET ${url}/half: the answer breaks off in the middle of a line`,
    );
    await expect(linesOf(cluster, '/cut')).rejects.toThrow(`GET ${url}/cut: aborted`);
  });

  it('tells the failure of a watch as that of any other request', async () => {
    const { cluster, url } = await start((_request, response) => {
      response.writeHead(410).end('{"message":"too old resource version"}');
    });
    const failure = await linesOf(cluster, '/watch').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ClusterError);
    expect(isGone(failure)).toBe(true);
    expect(String(failure)).toBe(
      `ClusterError: GET ${url}/watch: answered 410, too old resource version`,
    );
  });

  it('closes the connection when the reader stops reading', async () => {
    let closed: () => void = () => undefined;
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    const { cluster } = await start((_request, response) => {
      response.on('close', closed);
      response.writeHead(200).write('{"a":1}\n');
    });
    for await (const line of cluster.follow({ path: '/watch' })) {
      expect(line).toEqual({ a: 1 });
      break;
    }
    await isClosed;
  });

  it('cannot be connected to without a kubeconfig, and the message says what to do', async () => {
    vi.stubEnv('KUBECONFIG', '');
    vi.stubEnv('HOME', temporaryDirectory());
    vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined);
    await expect(connectCluster()).rejects.toThrow(
      new NoClusterError('no cluster to connect to: give --kubeconfig FILE or set KUBECONFIG'),
    );
    await expect(connectCluster('/no/such/file')).rejects.toThrow(
      'the kubeconfig /no/such/file cannot be read: no such file or directory',
    );
  });
});

async function linesOf(cluster: Cluster, path: string): Promise<JsonRecord[]> {
  const lines: JsonRecord[] = [];
  for await (const line of cluster.follow({ path })) lines.push(line);
  return lines;
}

function writeKubeconfig(server: string): string {
  const file = join(temporaryDirectory(), 'config');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'fake', user: 'me', namespace: 'dev' } }],
    // The library refuses plain HTTP unless certificates do not matter.
    clusters: [{ name: 'fake', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'me', user: { token: 'secret' } }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}
