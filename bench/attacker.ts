import { Agent, request } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { pairs, reviewOf } from './pods.ts';

/**
 * One caller of bench/exhaustion.ts in a process of its own: `attacker.ts <number of the attack> <port>`. It
 * says over IPC when the attack is under way, and goes on until it is killed.
 */
const [attack = '0', port = '0'] = process.argv.slice(2);
const source = { host: '127.0.0.1', port: Number(port), localAddress: '127.0.0.2' };
const mebibyte = 1024 * 1024;

const [pair] = pairs;
if (pair === undefined) throw new Error('no tenant to attack');

switch (attack) {
  case '1':
    for (let caller = 0; caller < 4; caller++) void sendForEver(reviewWithContainers(20_000));
    break;
  case '2':
    for (let caller = 0; caller < 60; caller++) sendHalf(6 * mebibyte);
    break;
  case '3':
    for (let caller = 0; caller < 4096; caller++) stayIdle();
    break;
  case '4':
    for (let caller = 0; caller < 4; caller++) void sendForEver(reviewWithObjects(6.9 * mebibyte));
    break;
}
// Half-sent bodies and connections need a while to arrive.
setTimeout(() => process.send?.('ready'), attack === '0' ? 0 : 10_000);

function reviewWithContainers(count: number): string {
  const containers = Array.from({ length: count }, (_, index) => ({ name: `c${index}` }));
  return JSON.stringify(reviewOf(pair ?? never(), podOf({ containers })));
}

/** Small objects take twenty times their text in memory. */
function reviewWithObjects(bytes: number): string {
  const text = JSON.stringify(reviewOf(pair ?? never(), podOf({ padding: ['PADDING'] })));
  return text.replace('"PADDING"', `${'{},'.repeat(bytes / 3)}{}`);
}

function podOf(spec: object): object {
  const { namespace, serviceAccount } = pair ?? never();
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'attack', namespace },
    spec: { serviceAccountName: serviceAccount, ...spec },
  };
}

function never(): never {
  throw new Error('no tenant to attack');
}

async function sendForEver(body: string): Promise<never> {
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  for (;;) await send(body, agent);
}

function send(body: string, agent: Agent): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = request(
      {
        ...source,
        agent,
        method: 'POST',
        path: '/mutate?timeout=30s',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (incoming) => {
        incoming.resume();
      },
    );
    outgoing.on('close', resolve);
    outgoing.on('error', () => undefined);
    outgoing.end(body);
  });
}

/** All of the body but its last byte; and again when the server has had enough of it. */
function sendHalf(bytes: number): void {
  const socket = connectTls({ ...source, rejectUnauthorized: false }, () => {
    socket.write(
      'POST /mutate?timeout=30s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
        `Content-Length: ${bytes + 1}\r\n\r\n`,
    );
    socket.write(Buffer.alloc(bytes, 'x'));
  });
  socket.on('error', () => undefined);
  socket.on('close', () => setTimeout(sendHalf, 100, bytes));
}

/** One harmless request, and then nothing more. */
function stayIdle(): void {
  const socket = connectTls({ ...source, rejectUnauthorized: false }, () => {
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  });
  socket.on('data', () => undefined);
  socket.on('error', () => undefined);
  socket.on('close', () => setTimeout(stayIdle, 1_000));
}
