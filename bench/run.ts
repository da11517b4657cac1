import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { issueCertificates } from '../src/certs/issue.ts';
import { runLoad, prepareRequests, type Requests } from './load.ts';
import { pairCount, pairs, reviewOf, tenantsYaml } from './pods.ts';
import { injectedPods } from './injected-pods.ts';
import { renderJson, renderTable, type Measurement } from './report.ts';
import { startServer, type ServerProcess } from './server-process.ts';

/**
 * `npm run bench -- [--seconds 3] [--rounds 5] [--connections 1,16,64] [--json]`: our two webhooks and
 * two bare servers, taking turns in one run, so that whatever else the machine does hits all alike.
 */
const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '1,16,64' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(flags.seconds);
const rounds = Number(flags.rounds);
const connectionCounts = flags.connections.split(',').map(Number);

/** A server, and what it is asked. */
interface Target {
  readonly name: Measurement['target'];
  readonly server: ServerProcess;
  readonly requests: Requests;
}

const directory = await mkdtemp(join(tmpdir(), 'bucketwarden-bench-'));
const log = await open(join(directory, 'decisions.log'), 'a');
try {
  await writeInputs();
  const servers = await Promise.all(
    (['bucketwarden', 'constant', 'minimal'] as const).map((kind) =>
      startServer(kind, { directory, logFd: log.fd }),
    ),
  );
  const measurements = await measureAll(await listTargets(servers));
  process.stdout.write(flags.json ? renderJson(measurements) : renderTable(measurements));
  for (const server of servers) server.stop();
} finally {
  await log.close();
  await rm(directory, { recursive: true });
}

async function writeInputs(): Promise<void> {
  const { serving } = await issueCertificates({ dnsNames: ['localhost'], now: new Date() });
  await writeFile(join(directory, 'tls.crt'), serving.certificate);
  await writeFile(join(directory, 'tls.key'), serving.privateKey);
  await writeFile(join(directory, 'tenants.yaml'), tenantsYaml());
}

async function listTargets(servers: readonly ServerProcess[]): Promise<Target[]> {
  const [ours, constant, minimal] = servers;
  if (ours === undefined || constant === undefined || minimal === undefined) {
    throw new Error('three servers are needed');
  }
  const reviews = pairs.map((pair) => reviewOf(pair));
  const injected = await injectedPods(ours.port);
  const plain = prepareRequests('/mutate', reviews);
  return [
    { name: 'mutate', server: ours, requests: plain },
    { name: 'minimal', server: minimal, requests: plain },
    { name: 'constant', server: constant, requests: plain },
    { name: 'validate', server: ours, requests: prepareRequests('/validate', injected) },
  ];
}

async function measureAll(targets: readonly Target[]): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  note(`${pairCount} tenants; warming up`);
  for (const target of targets) await measure(target, { connections: 16, round: 0 });
  for (const connections of connectionCounts) {
    for (let round = 1; round <= rounds; round++) {
      note(`${connections} connections, round ${round} of ${rounds}`);
      // Turning the order keeps one target from always running after the same other.
      const order = round % 2 === 0 ? targets : [...targets].reverse();
      for (const target of order) {
        measurements.push(await measure(target, { connections, round }));
      }
    }
  }
  return measurements;
}

async function measure(
  { name, server, requests }: Target,
  { connections, round }: { connections: number; round: number },
): Promise<Measurement> {
  const before = await server.usage();
  const result = await runLoad(requests, { port: server.port, connections, seconds });
  const after = await server.usage();
  return {
    target: name,
    connections,
    round,
    requestsPerSecond: result.requests / result.seconds,
    cpuMicrosecondsPerRequest: (after.cpuMicroseconds - before.cpuMicroseconds) / result.requests,
    rssBytes: after.rssBytes,
    latenciesMilliseconds: result.latenciesMilliseconds,
  };
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
