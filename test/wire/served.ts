import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { issueCertificates, type IssuedCertificates } from '../../src/certs/issue.ts';
import { serve, type RunningServer, type ServeOptions } from '../../src/server/serve.ts';
import { aPodWith } from '../builders.ts';
import { aReview, responseOf, TextSink } from './wire.ts';

/** A tenant as a file holds it; `bucket` is its only one. */
export function tenantYaml(bucket: string, name = 'payments'): string {
  return `apiVersion: bucketwarden.io/v1alpha1
kind: StorageTenant
metadata: {name: ${name}}
spec:
  namespaces: [${name}]
  buckets: [{name: ${bucket}}]
`;
}

export interface Served {
  readonly server: RunningServer;
  readonly log: TextSink;
  readonly directory: string;
  readonly ca: string;
  readonly write: (file: string, text: string) => Promise<string>;
  readonly metrics: () => Promise<string>;
}

const cleanUps: (() => Promise<unknown>)[] = [];

/** Ends every server of a test and removes its files. */
export async function endAll(): Promise<void> {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
}

/** Starts a real server on free ports, with the options and files a test names. */
export async function startServed(
  files: Readonly<Record<string, string>>,
  optionsOf: (path: (file: string) => string) => Partial<ServeOptions> = () => ({}),
): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), 'bucketwarden-wire-'));
  cleanUps.push(() => rm(directory, { recursive: true }));
  const path = (file: string): string => join(directory, file);
  const write = async (file: string, text: string): Promise<string> => {
    await writeFile(path(file), text);
    return path(file);
  };
  for (const [file, text] of Object.entries(files)) await write(file, text);
  const log = new TextSink();
  const server = await serve(
    {
      port: 0,
      metricsPort: 0,
      host: '127.0.0.1',
      tenants: [path('tenants.yaml')],
      ...optionsOf(path),
    },
    { stdout: log },
  );
  cleanUps.push(async () => {
    void server.stop();
    await server.stop();
  });
  const metrics = async (): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${server.metricsPort}/metrics`);
    return answer.text();
  };
  return { server, log, directory, ca: server.caCertificate ?? '', write, metrics };
}

/** Makes a certificate for the names a test server is reached by. */
export function certificates(): Promise<IssuedCertificates> {
  return issueCertificates({ dnsNames: ['localhost', '127.0.0.1'], now: new Date() });
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
  /** SHA-256 of the certificate the server showed. */
  readonly fingerprint: string;
  /** Our end of the connection: equal ports are one connection. */
  readonly localPort: number | undefined;
}

interface Ask {
  readonly port: number;
  readonly ca: string;
  readonly path: string;
  readonly body?: string;
  readonly agent?: Agent;
  readonly client?: { readonly cert: string; readonly key: string };
}

/** One HTTPS request, trusting `ca` alone; a review with the longest time-out that Kubernetes allows. */
export async function ask({ port, ca, path, body, agent, client }: Ask): Promise<Answer> {
  const outgoing = request({
    host: '127.0.0.1',
    port,
    path: body === undefined ? path : `${path}?timeout=30s`,
    ca,
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    agent: agent ?? new Agent({ keepAlive: false }),
    ...client,
  });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const { socket } = incoming;
  const seen = { fingerprint: fingerprintOf(socket), localPort: socket.localPort };
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  return { status: incoming.statusCode ?? 0, text, headers: incoming.headers, ...seen };
}

function fingerprintOf(socket: Socket): string {
  return socket instanceof TLSSocket ? socket.getPeerCertificate().fingerprint256 : '';
}

/** A template needs no identity: the verdict depends on the bucket alone. */
function askingFor(bucket: string): string {
  const pod = aPodWith({ env: [{ name: 'S3_BUCKET', value: bucket }] });
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'report', namespace: 'payments' },
    spec: { template: { spec: pod['spec'] } },
  };
  return JSON.stringify(aReview({ object }));
}

/** Whether pods of "payments" may use the bucket, by what the server has loaded. */
export async function mayUse({ server, ca }: Served, bucket: string): Promise<unknown> {
  const answer = await ask({ port: server.port, ca, path: '/validate', body: askingFor(bucket) });
  return responseOf({ body: JSON.parse(answer.text) as unknown })['allowed'];
}
