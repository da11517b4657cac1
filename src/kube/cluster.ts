import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { isRecord, recordOf, textOf, type JsonRecord } from '../admission/json.ts';
import { limits } from '../config.ts';
import { ClusterError } from './cluster-error.ts';
import { readLines } from './read-lines.ts';

/** One call to the API server. */
export interface ClusterRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute, without query: "/api/v1/namespaces". */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  /** Of the body; a PATCH says here which of the patch formats it is. */
  readonly contentType?: string;
  readonly accept?: string;
  /** Ends the call early; without one only the time limit does. */
  readonly signal?: AbortSignal;
}

/** A cluster that can be asked. */
export interface Cluster {
  /** URL of the API server, for messages. */
  readonly server: string;
  /** The namespace of the kubeconfig's context, or the one this pod runs in. */
  readonly namespace: string | undefined;
  /**
   * The answer's object.
   * @throws ClusterError when there is none within the time limit, or one with another status than 2xx
   */
  ask(request: ClusterRequest): Promise<JsonRecord>;
  /**
   * The lines of an answer that goes on, as objects, until it ends.
   * @throws ClusterError as `ask` does, and when the answer breaks off or is no JSON
   */
  follow(request: ClusterRequest): AsyncIterable<JsonRecord>;
}

/**
 * Asks with the credentials of a kubeconfig. Of the client library only KubeConfig is used: files,
 * tokens that rotate, exec plugins, proxies. Its Watch is not, because it cannot ask for metadata
 * only (no Accept header), drops the Status of a failure, and passes over a line it cannot read, which
 * would be a lost event. Each call has a connection of its own: one that died is never met again,
 * and a CA or client certificate replaced on disk counts from the next call.
 */
export function createCluster(config: KubeConfig): Cluster {
  const { server } = requireCurrentCluster(config);
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace;
  return {
    server,
    namespace,
    async ask(request) {
      const limit = AbortSignal.timeout(limits.clusterRequestMilliseconds);
      const signal = request.signal ? AbortSignal.any([request.signal, limit]) : limit;
      return named(request, server, async () => {
        const answer = await open(config, { ...request, signal });
        return readObject(answer, await readText(answer));
      });
    },
    async *follow(request) {
      // The head of the answer must come soon; how long the rest may take is the caller's business.
      const head = new AbortController();
      const timer = setTimeout(() => {
        head.abort(new DOMException('no answer in time', 'TimeoutError'));
      }, limits.clusterRequestMilliseconds);
      const signal = request.signal ? AbortSignal.any([request.signal, head.signal]) : head.signal;
      try {
        const answer = await named(request, server, () => open(config, { ...request, signal }));
        clearTimeout(timer);
        if (answer.statusCode !== 200) {
          await named(request, server, async () => readObject(answer, await readText(answer)));
        }
        yield* followLines(answer, { request, server });
      } finally {
        clearTimeout(timer);
        head.abort();
      }
    },
  };
}

function requireCurrentCluster(config: KubeConfig): { readonly server: string } {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new ClusterError('the kubeconfig names no current cluster');
  return cluster;
}

async function open(
  config: KubeConfig,
  { method = 'GET', path, query = {}, body, contentType, accept, signal }: ClusterRequest,
): Promise<IncomingMessage> {
  const cluster = requireCurrentCluster(config);
  const url = new URL(cluster.server.replace(/\/$/, '') + path);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  const options: RequestOptions = {
    method,
    headers: {
      accept: accept ?? 'application/json',
      'user-agent': 'bucketwarden',
      ...(body !== undefined && { 'content-type': contentType ?? 'application/json' }),
    },
    ...(signal && { signal }),
  };
  await config.applyToHTTPSOptions(options);
  if (config.getCurrentCluster()?.proxyUrl === undefined) options.agent = false;
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'http:' ? requestHttp : requestHttps;
    const request = send(url, options, resolve);
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Puts what went wrong, in whatever form, into one sentence that says what was asked. */
async function named<Value>(
  { method = 'GET', path }: ClusterRequest,
  server: string,
  call: () => Promise<Value>,
): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    const status = error instanceof ClusterError ? error.status : undefined;
    const reason = error instanceof Error ? reasonOf(error) : String(error);
    throw new ClusterError(`${method} ${server}${path}: ${reason}`, {
      cause: error,
      ...(status !== undefined && { status }),
    });
  }
}

function reasonOf(error: Error): string {
  const { cause } = error;
  const isTimeout = (one: unknown): boolean =>
    one instanceof DOMException && one.name === 'TimeoutError';
  if (isTimeout(error) || isTimeout(cause)) {
    return `no answer within ${limits.clusterRequestMilliseconds / 1000} s`;
  }
  return error.message;
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function readObject({ statusCode = 0 }: IncomingMessage, text: string): JsonRecord {
  const value = parse(text);
  if (statusCode >= 200 && statusCode < 300 && isRecord(value)) return value;
  const message = textOf(recordOf(value)['message']) ?? text.trim().slice(0, 200);
  throw new ClusterError(`answered ${statusCode}${message === '' ? '' : `, ${message}`}`, {
    status: statusCode,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function* followLines(
  answer: IncomingMessage,
  { request, server }: { readonly request: ClusterRequest; readonly server: string },
): AsyncGenerator<JsonRecord> {
  const lines = readLines(answer, limits.maxWatchLineBytes)[Symbol.asyncIterator]();
  for (;;) {
    const next = await named(request, server, async () => lines.next());
    if (next.done === true) return;
    const value = parse(next.value);
    if (!isRecord(value)) {
      throw new ClusterError(
        `${request.method ?? 'GET'} ${server}${request.path}: a line is no JSON object`,
      );
    }
    yield value;
  }
}
