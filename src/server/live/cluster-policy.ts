import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { loadPolicy } from '../../engine/load-policy.ts';
import type { Cluster } from '../../kube/cluster.ts';
import { Lease } from '../../kube/lease.ts';
import { StatusWriter } from '../../kube/status-writer.ts';
import { TenantStates } from '../../kube/tenant-states.ts';
import { TenantStore } from '../../kube/tenant-store.ts';
import { installation } from '../../names.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { TenantIndex } from '../../tenant/tenant-index.ts';
import type { CurrentEngine } from './current-engine.ts';
import type { WatchedSource } from './reloader.ts';
import { readSource } from '../../files/read-sources.ts';

export interface ClusterPolicyParts {
  readonly current: CurrentEngine;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly now: () => Date;
}

/** Keeps the engine equal to the StorageTenants of a cluster and to a config file. */
export interface ClusterPolicy {
  /** What is known of the cluster. */
  readonly store: TenantStore;
  /** The config; problems between it and the tenants are in the status of the tenants. */
  source(file: string | undefined): WatchedSource;
  start(): void;
  stop(): Promise<void>;
}

/**
 * Connects the parts in a loop: API server → store → engine → writer of the status → API server. Nothing
 * runs before `start`, and the engine knows nothing of the cluster until it is given the store.
 */
export function createClusterPolicy(
  cluster: Cluster,
  { current, logger, metrics, now }: ClusterPolicyParts,
): ClusterPolicy {
  let settings: Settings | undefined;
  let tenants: TenantIndex | undefined;
  const publish = (): void => {
    if (settings === undefined || tenants === undefined) return;
    const policy = { settings, tenants };
    current.usePolicy(policy);
    writer.wake();
    const { ruleIds } = current;
    const { tenants: stored, namespaces } = store;
    void states.examine({ tenants: stored, policy, ruleIds, namespaces });
  };
  const store = new TenantStore({
    cluster,
    logger,
    onChange: (declarations) => {
      tenants = new TenantIndex(declarations);
      publish();
    },
    onFailure: (resource) => {
      metrics.countWatchFailure(resource);
    },
  });
  const writer = createStatusWriter({ cluster, store, current, logger, now });
  const states = new TenantStates({
    logger,
    onCount: (counts) => {
      metrics.setTenants(counts);
    },
  });
  return {
    store,
    source: (file) => ({
      name: 'policy',
      read: async () => {
        const config = file === undefined ? undefined : await readSource(file);
        return {
          fingerprint: config?.text ?? '',
          apply: () => {
            settings = loadPolicy({ config, tenants: [] }, current.ruleIds).settings;
            publish();
          },
        };
      },
    }),
    start() {
      store.start();
      writer.start();
    },
    async stop() {
      states.stop();
      await Promise.all([writer.stop(), store.stop()]);
    },
  };
}

/** One replica at a time writes; which one, the Lease says. */
function createStatusWriter(given: {
  readonly cluster: Cluster;
  readonly store: TenantStore;
  readonly current: CurrentEngine;
  readonly logger: Logger;
  readonly now: () => Date;
}): StatusWriter {
  const { cluster, store, current, logger, now } = given;
  const lease = new Lease({
    cluster,
    namespace: cluster.namespace ?? installation.namespace,
    name: installation.name,
    // A restarted container keeps its pod's name, but is another holder.
    identity: `${hostname()}_${randomUUID()}`,
    now,
  });
  return new StatusWriter({
    cluster,
    lease,
    logger,
    policy: () => current.policy,
    tenants: () => store.tenants,
    creationTimeOf: (namespace) => store.creationTimeOf(namespace),
    ruleIds: current.ruleIds,
    now,
  });
}
