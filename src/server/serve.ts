import { UsageError } from '../errors.ts';
import { connectCluster, NoClusterError } from '../kube/connect.ts';
import { mutations } from '../inject/mutations.ts';
import { rules } from '../rules/index.ts';
import { RuleRegistry } from '../engine/registry.ts';
import { createLogging, type Logger, type Logging } from '../telemetry/logger.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { createApp } from './http/app.ts';
import { BodyBudget } from './http/body-budget.ts';
import { createIdentify } from './http/caller.ts';
import { ConnectionGuard } from './http/connection-guard.ts';
import { KnownCallers } from './http/known-callers.ts';
import {
  createClusterPolicy,
  type ClusterPolicy,
  type ClusterPolicyParts,
} from './live/cluster-policy.ts';
import { createEnforcementReport, reportFailOpenEntries } from './live/enforcement-report.ts';
import { CurrentEngine } from './live/current-engine.ts';
import { createAdmissionServer, createMetricsServer, listen } from './http/listen.ts';
import { createMetricsApp } from './http/metrics-app.ts';
import { createPolicySource } from './live/policy-source.ts';
import { Reloader, type WatchedSource } from './live/reloader.ts';
import { superviseServer, type RunningServer } from './running.ts';
import {
  CertificateInForce,
  createCertificateSource,
  makeCertificate,
} from './live/serving-certificate.ts';
import { createKeysSource, createMemoryKeys } from './live/signing-keys.ts';

export type { RunningServer };

/** The flags of `bucketwarden serve`; everything but ports and host is a path. */
export interface ServeOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly metricsPort: number;
  /** Address to listen on; absent: all of them. */
  readonly host?: string;
  /** PEM; absent together with `tlsKey`: the server makes its own certificate. */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** PEM; given: callers of the admission port must present a certificate of this authority. */
  readonly clientCa?: string;
  /** Names, one of which that certificate must have; absent: any. */
  readonly clientName?: readonly string[];
  /** Files, or directories of .yaml, .yml and .json files; absent: the tenants of a cluster. */
  readonly tenants?: readonly string[];
  /** Credentials for that cluster; absent: those of the pod, or of the user's own kubeconfig. */
  readonly kubeconfig?: string;
  readonly config?: string;
  /** Private JWK Set; absent: one key in memory. */
  readonly signingKeys?: string;
}

/**
 * Starts the webhook server. Everything is loaded and checked before the first connection is taken.
 * @throws BucketwardenError saying why it cannot start
 */
export async function serve(
  options: ServeOptions,
  io: { readonly stdout: NodeJS.WritableStream; readonly signals?: boolean },
): Promise<RunningServer> {
  const logging = createLogging(io.stdout);
  try {
    return await start(options, { logging, signals: io.signals === true });
  } catch (error) {
    await logging.flush();
    throw error;
  }
}

async function start(
  options: ServeOptions,
  { logging, signals }: { readonly logging: Logging; readonly signals: boolean },
): Promise<RunningServer> {
  const { logger } = logging;
  const { host } = options;
  const metrics = createMetrics();
  const now = (): Date => new Date();
  const registry = new RuleRegistry(rules);
  const report = createEnforcementReport(rules, { logger, metrics });
  const current = new CurrentEngine({ registry, mutations, now, metrics, report });
  const certificate = new CertificateInForce(metrics);
  const clusterPolicy = await connect(options, { current, logger, metrics, now });
  const reloader = new Reloader(sourcesOf(options, { current, certificate, clusterPolicy, now }), {
    metrics,
    logger,
  });
  current.useFiles(() => reloader.reload());
  await reloader.load();
  if (options.signingKeys === undefined) await useMemoryKeys(current, logger);
  const caCertificate = await useOwnCertificate(options, { certificate, now });

  const lifetime = { isDraining: false };
  const isDraining = (): boolean => lifetime.isDraining;
  checkClientOptions(options, logger);
  const { budget, guard } = createBounds(metrics);
  const identify = createIdentify(options.clientName);
  const app = createApp({ current, metrics, logger, isDraining, budget, guard, identify });
  const admission = certificate.serveWith((context) =>
    createAdmissionServer({ app, guard, identify }, context),
  );
  const monitoring = createMetricsServer(createMetricsApp({ current, metrics, isDraining }));
  const metricsPort = await listen(monitoring, { port: options.metricsPort, host });
  const port = await listen(admission, { port: options.port, host }).catch((error: unknown) => {
    monitoring.close();
    throw error;
  });
  // Not waited for: a replica that cannot reach the API server says so under /readyz.
  clusterPolicy?.start();
  logger.info({ port, metricsPort }, 'listening');
  return superviseServer(
    { port, metricsPort, ...(caCertificate !== undefined && { caCertificate }) },
    { admission, guard, monitoring, lifetime, reloader, clusterPolicy, logging, signals },
  );
}

/** The authority may have signed a certificate for every kubelet, so it is not enough to know the API server by. */
function checkClientOptions({ clientCa, clientName }: ServeOptions, logger: Logger): void {
  if (clientCa === undefined && clientName !== undefined) {
    throw new UsageError(
      '--client-name needs --client-ca: names are read from certificates of that authority',
    );
  }
  if (clientCa !== undefined && clientName === undefined) {
    logger.warn(
      'every certificate of the client authority is accepted; if kubelets have one of it, so are they: ' +
        'name the API server with --client-name',
    );
  }
}

/** What all requests and connections share, and what is left of it. */
function createBounds(metrics: Metrics): { budget: BodyBudget; guard: ConnectionGuard } {
  const callers = new KnownCallers();
  const budget = new BodyBudget(callers);
  const guard = new ConnectionGuard(callers);
  metrics.observeLoad({ bodyBytes: () => budget.used, connections: () => guard.count });
  return { budget, guard };
}

/** Undefined when the tenants come from files. */
async function connect(
  { tenants, kubeconfig }: ServeOptions,
  given: ClusterPolicyParts,
): Promise<ClusterPolicy | undefined> {
  if (tenants !== undefined) {
    if (kubeconfig === undefined) return undefined;
    throw new UsageError('--tenants and --kubeconfig exclude each other');
  }
  const cluster = await connectCluster(kubeconfig).catch((error: unknown) => {
    if (!(error instanceof NoClusterError)) throw error;
    throw new UsageError(`${error.message}, or, without a cluster, give --tenants FILE`);
  });
  given.logger.info({ server: cluster.server }, 'tenants come from the API server');
  const policy = createClusterPolicy(cluster, given);
  given.current.useCluster(policy.store);
  given.metrics.observeTenantView(() => policy.store.provenAt);
  void reportFailOpenEntries(cluster, given);
  return policy;
}

/** Everything that is read from files and watched. */
function sourcesOf(
  options: ServeOptions,
  given: {
    readonly current: CurrentEngine;
    readonly certificate: CertificateInForce;
    readonly clusterPolicy: ClusterPolicy | undefined;
    readonly now: () => Date;
  },
): WatchedSource[] {
  const { tlsCert, tlsKey, clientCa, signingKeys, config, tenants = [] } = options;
  const { current, certificate, clusterPolicy, now } = given;
  const sources = [
    clusterPolicy?.source(config) ??
      createPolicySource({ tenants, ...(config !== undefined && { config }) }, current),
  ];
  if (signingKeys !== undefined) sources.push(createKeysSource(signingKeys, current));
  if (tlsCert !== undefined && tlsKey !== undefined) {
    const files = { tlsCert, tlsKey, clientCa };
    sources.push(createCertificateSource(files, { inForce: certificate, now }));
  } else if (tlsCert !== tlsKey) {
    throw new UsageError(
      '--tls-cert needs --tls-key, and the other way round: give both or neither',
    );
  }
  return sources;
}

async function useMemoryKeys(current: CurrentEngine, logger: Logger): Promise<void> {
  current.useKeys(await createMemoryKeys());
  logger.warn(
    'signing key made in memory: restarts and other replicas do not know it; name one with --signing-keys',
  );
}

/** PEM of the authority made along with it; undefined when there is a certificate from files. */
async function useOwnCertificate(
  { tlsCert, clientCa }: ServeOptions,
  { certificate, now }: { certificate: CertificateInForce; now: () => Date },
): Promise<string | undefined> {
  if (tlsCert !== undefined) return undefined;
  const { serving, caCertificate } = await makeCertificate(clientCa, now());
  certificate.use(serving);
  return caCertificate;
}
