import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { recordOf, textOf } from '../../src/admission/json.ts';
import { ask, tenantYaml } from './served.ts';
import { aReview } from './wire.ts';

const child = fileURLToPath(new URL('serve-child.ts', import.meta.url));
let directory = '';
const children: ChildProcess[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bucketwarden-signals-'));
  await writeFile(join(directory, 'tenants.yaml'), tenantYaml('payments-ledger'));
});

afterEach(() => {
  for (const one of children.splice(0)) one.kill('SIGKILL');
});

afterAll(() => rm(directory, { recursive: true }));

interface Started {
  readonly process: ChildProcess;
  readonly port: number;
  readonly ca: string;
  readonly logLines: () => Promise<readonly string[]>;
}

async function start(name: string): Promise<Started> {
  const log = join(directory, `${name}.log`);
  const started = fork(child, [join(directory, 'tenants.yaml')], {
    stdio: ['ignore', openSync(log, 'a'), 'inherit', 'ipc'],
    execArgv: [],
  });
  children.push(started);
  const ended = once(started, 'exit').then(([code]: unknown[]) => {
    throw new Error(`the server ended with ${String(code)} before it listened`);
  });
  const [message] = (await Promise.race([once(started, 'message'), ended])) as [unknown];
  const { port, ca } = recordOf(message);
  return {
    process: started,
    port: Number(port),
    ca: textOf(ca) ?? '',
    async logLines() {
      return (await readFile(log, 'utf8')).trim().split('\n');
    },
  };
}

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends the process with every decision in its log',
    async (signal) => {
      const { process: running, port, ca, logLines } = await start(signal);
      const body = JSON.stringify(aReview());
      for (let count = 0; count < 50; count++) await ask({ port, ca, path: '/mutate', body });
      running.kill(signal);
      const [code] = (await once(running, 'exit')) as [unknown];
      expect(code).toBe(0);
      const lines = await logLines();
      expect(lines.filter((line) => line.includes('"msg":"decision"'))).toHaveLength(50);
      expect(lines.at(-1)).toContain('"msg":"drained"');
    },
  );

  it('sent twice does not wait for running requests', async () => {
    const { process: running, port, ca, logLines } = await start('twice');
    const socket = connect({ port, host: '127.0.0.1', ca });
    await once(socket, 'secureConnect');
    socket.on('error', () => undefined);
    socket.write('POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n');
    socket.write('Content-Length: 100\r\n\r\n{');
    await ask({ port, ca, path: '/healthz' });
    const exited = once(running, 'exit') as Promise<[unknown]>;
    running.kill('SIGTERM');
    // The port is closed once the first signal has been taken.
    await expect(waitUntilRefused({ port, ca })).resolves.toBeUndefined();
    running.kill('SIGTERM');
    const [code] = await exited;
    expect(code).toBe(0);
    // The request that was cut off is logged, too; which of the two lines comes last is open.
    const lastTwo = (await logLines()).slice(-2);
    expect(lastTwo.filter((line) => line.includes('"msg":"drained"'))).toHaveLength(1);
  });
});

async function waitUntilRefused({ port, ca }: { port: number; ca: string }): Promise<void> {
  for (;;) {
    try {
      await ask({ port, ca, path: '/healthz' });
    } catch {
      return;
    }
  }
}
