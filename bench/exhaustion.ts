import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { issueCertificates } from '../src/certs/issue.ts';
import { pairs, reviewOf, tenantsYaml } from './pods.ts';
import { startServer, type ServerProcess } from './server-process.ts';

/**
 * `node bench/exhaustion.ts [--seconds 8] [--checkout DIR]`: how good requests from 127.0.0.1 fare, and how
 * much memory the server takes, while one caller at 127.0.0.2 tries to use it up. `--checkout` measures the
 * server of another checkout. Linux only: the peak of the memory comes from /proc.
 */
const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    checkout: { type: 'string' },
  },
});

const attacks = [
  'none',
  '20000 containers, four at once, again and again',
  '60 half-sent bodies of 6 MiB',
  '4096 idle connections',
  'four bodies of 7 MiB at once, again and again',
] as const;

interface Row {
  readonly attack: string;
  readonly answered: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
  readonly peakMebibytes: number;
}

const directory = await mkdtemp(join(tmpdir(), 'bucketwarden-exhaustion-'));
const log = await open(join(directory, 'decisions.log'), 'a');
try {
  const { serving } = await issueCertificates({ dnsNames: ['127.0.0.1'], now: new Date() });
  await writeFile(join(directory, 'tls.crt'), serving.certificate);
  await writeFile(join(directory, 'tls.key'), serving.privateKey);
  await writeFile(join(directory, 'tenants.yaml'), tenantsYaml());
  const rows: Row[] = [];
  for (const attack of attacks) rows.push(await measure(attack));
  process.stdout.write(render(rows));
} finally {
  await log.close();
  await rm(directory, { recursive: true });
}

/** Each attack gets a server of its own, so that peaks do not add up. */
async function measure(attack: (typeof attacks)[number]): Promise<Row> {
  const { checkout } = flags;
  const script =
    checkout === undefined ? undefined : pathToFileURL(join(checkout, 'bench', 'server.ts'));
  const server = await startServer('bucketwarden', {
    directory,
    logFd: log.fd,
    ...(script && { script }),
  });
  const attacker = await startAttacker(attacks.indexOf(attack), server.port);
  try {
    const { latencies, failed } = await askForSeconds(server.port, Number(flags.seconds));
    const sorted = latencies.toSorted((one, other) => one - other);
    const quantile = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? NaN;
    return {
      attack,
      answered: latencies.length,
      failed,
      p50: quantile(0.5),
      p99: quantile(0.99),
      peakMebibytes: peakOf(server),
    };
  } finally {
    attacker.kill();
    server.stop();
  }
}

async function startAttacker(attack: number, port: number): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('attacker.ts', import.meta.url));
  const child = fork(script, [String(attack), String(port)]);
  await once(child, 'message');
  return child;
}

/** Sixteen callers, each of whom waits for its answer, five seconds at most. */
async function askForSeconds(
  port: number,
  seconds: number,
): Promise<{ readonly latencies: readonly number[]; readonly failed: number }> {
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const until = performance.now() + seconds * 1000;
  const latencies: number[] = [];
  let failed = 0;
  const bodies = pairs.map((pair) => JSON.stringify(reviewOf(pair)));
  const callers = Array.from({ length: 16 }, async (_none, caller) => {
    for (let turn = caller; performance.now() < until; turn += 16) {
      const body = bodies[turn % bodies.length] ?? '';
      const startedAt = performance.now();
      if (await isAnswered({ port, agent, body })) latencies.push(performance.now() - startedAt);
      else failed += 1;
    }
  });
  await Promise.all(callers);
  agent.destroy();
  return { latencies, failed };
}

function isAnswered({
  port,
  agent,
  body,
}: {
  readonly port: number;
  readonly agent: Agent;
  readonly body: string;
}): Promise<boolean> {
  return new Promise((resolve) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        agent,
        method: 'POST',
        path: '/mutate?timeout=10s',
        headers: { 'content-type': 'application/json' },
        signal: AbortSignal.timeout(5_000),
      },
      (incoming) => {
        incoming.resume();
        incoming.on('end', () => {
          resolve(incoming.statusCode === 200);
        });
        incoming.on('error', () => {
          resolve(false);
        });
      },
    );
    outgoing.on('error', () => {
      resolve(false);
    });
    outgoing.end(body);
  });
}

/** The most memory it has had since its start. */
function peakOf({ pid }: ServerProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

function render(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ attack, answered, failed, p50, p99, peakMebibytes }) =>
      `| ${attack} | ${answered} | ${failed} | ${p50.toFixed(1)} | ${p99.toFixed(1)} | ${peakMebibytes.toFixed(0)} |`,
  );
  return [
    '| attack | answered | failed | p50 ms | p99 ms | peak RSS MiB |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}
