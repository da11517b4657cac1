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
export class ClusterPolicy {
  readonly #current: CurrentEngine;
  readonly #store: TenantStore;
  readonly #writer: StatusWriter;
  readonly #states: TenantStates;
  #settings: Settings | undefined;
  #tenants: TenantIndex | undefined;

  constructor(cluster: Cluster, { current, logger, metrics, now }: ClusterPolicyParts) {
    this.#current = current;
    this.#store = new TenantStore({
      cluster,
      logger,
      onChange: (tenants) => {
        this.#tenants = new TenantIndex(tenants);
        this.#publish();
      },
      onFailure: (resource) => {
        metrics.countWatchFailure(resource);
      },
    });
    metrics.observeTenantView(() => this.#store.provenAt);
    const lease = new Lease({
      cluster,
      namespace: cluster.namespace ?? installation.namespace,
      name: installation.name,
      // A restarted container keeps its pod's name, and is another one all the same.
      identity: `${hostname()}_${randomUUID()}`,
      now,
    });
    this.#writer = new StatusWriter({
      cluster,
      lease,
      logger,
      policy: () => current.policy,
      tenants: () => this.#store.tenants,
      creationTimeOf: (namespace) => this.#store.creationTimeOf(namespace),
      ruleIds: current.ruleIds,
      now,
    });
    this.#states = new TenantStates({
      logger,
      onCount: (counts) => {
        metrics.setTenants(counts);
      },
    });
    current.useCluster(this.#store);
  }

  /** The config; problems between it and the tenants stand in the status of the tenants. */
  source(file: string | undefined): WatchedSource {
    return {
      name: 'policy',
      read: async () => {
        const config = file === undefined ? undefined : await readSource(file);
        return {
          fingerprint: config?.text ?? '',
          apply: () => {
            this.#settings = loadPolicy({ config, tenants: [] }, this.#current.ruleIds).settings;
            this.#publish();
          },
        };
      },
    };
  }

  start(): void {
    this.#store.start();
    this.#writer.start();
  }

  async stop(): Promise<void> {
    this.#states.stop();
    await Promise.all([this.#writer.stop(), this.#store.stop()]);
  }

  #publish(): void {
    if (this.#settings === undefined || this.#tenants === undefined) return;
    const policy = { settings: this.#settings, tenants: this.#tenants };
    this.#current.usePolicy(policy);
    this.#writer.wake();
    void this.#states.examine({
      tenants: this.#store.tenants,
      policy,
      ruleIds: this.#current.ruleIds,
      namespaces: this.#store.namespaces,
    });
  }
}
