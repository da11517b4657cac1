import { connect, type TLSSocket } from 'node:tls';
import { nameSuffixPlaceholder, uidPlaceholder } from './pods.ts';

/** Requests ready to be sent, but for uid and pod name. */
export interface Requests {
  readonly path: string;
  readonly templates: readonly RequestTemplate[];
}

interface RequestTemplate {
  readonly bytes: Buffer;
  readonly uidOffsets: readonly number[];
  readonly nameOffsets: readonly number[];
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly latenciesMilliseconds: readonly number[];
}

/** Writes the HTTP requests once; sending one then only overwrites a few bytes. */
export function prepareRequests(path: string, reviews: readonly object[]): Requests {
  const templates = reviews.map((review) => {
    const body = JSON.stringify(review);
    const head =
      `POST ${path}?timeout=10s HTTP/1.1\r\nHost: bucketwarden.bucketwarden-system.svc:443\r\n` +
      'User-Agent: kube-apiserver-admission\r\nAccept: application/json, */*\r\n' +
      `Content-Type: application/json\r\nAccept-Encoding: gzip\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    const bytes = Buffer.from(head + body);
    return {
      bytes,
      uidOffsets: offsetsOf(bytes, uidPlaceholder),
      nameOffsets: offsetsOf(bytes, nameSuffixPlaceholder),
    };
  });
  return { path, templates };
}

/** Keeps `connections` kept-alive connections busy, one request at a time each. */
export async function runLoad(
  requests: Requests,
  { port, connections, seconds }: { port: number; connections: number; seconds: number },
): Promise<LoadResult> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const latencies: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  const cursor = { next: Math.floor(Math.random() * 1e9) };
  await Promise.all(
    sockets.map((socket) => keepBusy(socket, { requests, cursor, endsAt, latencies })),
  );
  const elapsed = (performance.now() - startedAt) / 1000;
  for (const socket of sockets) socket.destroy();
  return { requests: latencies.length, seconds: elapsed, latenciesMilliseconds: latencies };
}

/** Sends one review and returns the body of its answer. */
export async function ask(
  port: number,
  { path, review }: { path: string; review: object },
): Promise<string> {
  const socket = await open(port);
  const { templates } = prepareRequests(path, [review]);
  socket.write(templates[0]?.bytes ?? '');
  const reader = new ResponseReader();
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      if (!reader.take(chunk)) return;
      socket.destroy();
      resolve(reader.body.toString());
    });
  });
}

function keepBusy(
  socket: TLSSocket,
  {
    requests,
    cursor,
    endsAt,
    latencies,
  }: { requests: Requests; cursor: { next: number }; endsAt: number; latencies: number[] },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const reader = new ResponseReader();
    let sentAt = 0;
    let uid = '';
    const send = (): void => {
      const number = cursor.next++;
      const template = requests.templates[number % requests.templates.length];
      if (template === undefined) throw new Error('no requests');
      const digits = number.toString(16).padStart(12, '0');
      uid = `${uidPlaceholder.slice(0, 24)}${digits}`;
      for (const offset of template.uidOffsets) template.bytes.write(digits, offset + 24, 'latin1');
      for (const offset of template.nameOffsets)
        template.bytes.write(digits.slice(2), offset, 'latin1');
      sentAt = performance.now();
      socket.write(template.bytes);
    };
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error('the server closed a connection'));
    });
    socket.on('data', (chunk: Buffer) => {
      if (!reader.take(chunk)) return;
      const now = performance.now();
      latencies.push(now - sentAt);
      // Looking into every answer would make the generator the bottleneck.
      if (latencies.length % 64 === 0 && !reader.body.includes(uid)) {
        reject(new Error(`an answer without uid ${uid}`));
      } else if (now < endsAt) {
        send();
      } else {
        socket.removeAllListeners('close');
        resolve();
      }
    });
    send();
  });
}

/** Knows when an answer is complete; only status and length are looked at. */
class ResponseReader {
  #chunks: Buffer[] = [];
  #missing = 0;

  get body(): Buffer {
    const whole = Buffer.concat(this.#chunks);
    return whole.subarray(whole.indexOf('\r\n\r\n') + 4);
  }

  /** True when this chunk ends the answer. */
  take(chunk: Buffer): boolean {
    if (this.#missing === 0) this.#start(chunk);
    else {
      this.#chunks.push(chunk);
      this.#missing -= chunk.length;
    }
    return this.#missing === 0;
  }

  #start(chunk: Buffer): void {
    const end = chunk.indexOf('\r\n\r\n');
    const head = chunk.toString('latin1', 0, end);
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    if (!head.startsWith('HTTP/1.1 200') || length === undefined) {
      throw new Error(`unexpected answer: ${chunk.toString()}`);
    }
    this.#chunks = [chunk];
    this.#missing = Number(length) - (chunk.length - end - 4);
  }
}

function open(port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    // A benchmark on the loopback interface; the certificate was made a moment ago.
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.on('error', reject);
  });
}

function offsetsOf(bytes: Buffer, text: string): number[] {
  const offsets: number[] = [];
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1)) offsets.push(at);
  return offsets;
}
