import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { isRecord, recordOf, textOf, type JsonRecord } from '../admission/json.ts';
import { limits } from '../limits.ts';
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

export interface ClusterOptions {
  /** How long one answer, or the head of one that goes on, may take. */
  readonly requestMilliseconds?: number;
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
 * Sends requests with the credentials of a kubeconfig. Of the client library only KubeConfig is used:
 * files, rotating tokens, exec plugins, proxies. Its Watch is not, because it cannot request metadata
 * only (no Accept header), drops the Status of a failure, and skips a line it cannot read, which would
 * be a lost event. Each call has a connection of its own: a dead connection is never used again,
 * and a CA or client certificate replaced on disk is used from the next call on.
 */
export function createCluster(
  config: KubeConfig,
  { requestMilliseconds = limits.clusterRequestMilliseconds }: ClusterOptions = {},
): Cluster {
  const { server } = requireCurrentCluster(config);
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace;
  return {
    server,
    namespace,
    async ask(request) {
      const limit = AbortSignal.timeout(requestMilliseconds);
      const signal = request.signal ? AbortSignal.any([request.signal, limit]) : limit;
      const bounded = { ...request, signal };
      return named(bounded, server, async () => readObject(await open(config, bounded)));
    },
    async *follow(request) {
      // The head of the answer must come soon; how long the rest may take is the caller's business.
      const head = new AbortController();
      const timer = setTimeout(() => {
        head.abort(new DOMException('no answer in time', 'TimeoutError'));
      }, requestMilliseconds);
      const signal = request.signal ? AbortSignal.any([request.signal, head.signal]) : head.signal;
      const bounded = { ...request, signal };
      try {
        const answer = await named(bounded, server, async () => {
          const opened = await open(config, bounded);
          if (opened.statusCode !== 200) await readObject(opened);
          return opened;
        });
        clearTimeout(timer);
        yield* followLines(answer, bounded, server);
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
  { method = 'GET', path, signal }: ClusterRequest,
  server: string,
  call: () => Promise<Value>,
): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    const status = error instanceof ClusterError ? error.status : undefined;
    const message = error instanceof Error ? error.message : String(error);
    const reason = isTimeout(signal?.reason) ? 'no answer in time' : message;
    throw new ClusterError(`${method} ${server}${path}: ${reason}`, {
      cause: error,
      ...(status !== undefined && { status }),
    });
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}

async function readObject(answer: IncomingMessage): Promise<JsonRecord> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const value = parse(text);
  const { statusCode = 0 } = answer;
  if (statusCode >= 200 && statusCode < 300 && isRecord(value)) return value;
  const message = textOf(recordOf(value)['message']) ?? text.trim().slice(0, maxShownCharacters);
  throw new ClusterError(`answered ${statusCode}${message === '' ? '' : `, ${message}`}`, {
    status: statusCode,
  });
}

/** Of an answer that is not the API server's, such as a proxy's page. */
const maxShownCharacters = 200;

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function* followLines(
  answer: IncomingMessage,
  request: ClusterRequest,
  server: string,
): AsyncGenerator<JsonRecord> {
  const lines = readLines(answer, limits.maxWatchLineBytes)[Symbol.asyncIterator]();
  for (;;) {
    const object = await named(request, server, async () => {
      const next = await lines.next();
      if (next.done === true) return undefined;
      const value = parse(next.value);
      if (!isRecord(value)) throw new ClusterError('a line is no JSON object');
      return value;
    });
    if (object === undefined) return;
    yield object;
  }
}
