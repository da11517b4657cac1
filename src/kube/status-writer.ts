import { limits } from '../config.ts';
import type { PolicyState } from '../engine/policy-state.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Cluster } from './cluster.ts';
import { isConflict, isNotFound } from './cluster-error.ts';
import type { Lease } from './lease.ts';
import { pause as realPause, type Pause } from './pause.ts';
import type { StoredTenant } from './stored-tenant.ts';
import { buildTenantStatus, hasStatus, type TenantStatus } from './tenant-status.ts';
import { tenantsPath } from './tenant-store.ts';

export interface StatusWriterOptions {
  readonly cluster: Cluster;
  readonly lease: Lease;
  readonly logger: Logger;
  /** What is in force, and the objects it was made from; undefined while nothing is loaded. */
  readonly policy: () => PolicyState | undefined;
  readonly tenants: () => ReadonlyMap<string, StoredTenant>;
  readonly ruleIds: ReadonlySet<string>;
  readonly now: () => Date;
  readonly retryMilliseconds?: number;
  readonly pause?: Pause;
}

/**
 * Writes the status of StorageTenants while it holds the lease. Each round compares what every
 * object says with what it should say, so a write that failed is made up for in the next round.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #ending = new AbortController();
  #turn = new AbortController();
  #hasNews = false;
  #isHolder = false;
  /** resourceVersion each object had when its status was written: until it changes, nothing is due. */
  readonly #written = new Map<string, string>();
  #running: Promise<void> | undefined;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Looks now instead of at the next round. */
  wake(): void {
    this.#hasNews = true;
    this.#turn.abort();
  }

  /** Ends, and leaves the lease to another replica. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
    if (!this.#isHolder) return;
    this.#isHolder = false;
    await this.#options.lease.release().catch((err: unknown) => {
      this.#options.logger.warn({ err }, 'lease not released');
    });
  }

  async #run(): Promise<void> {
    const { pause = realPause, retryMilliseconds = limits.leaseRetryMilliseconds } = this.#options;
    while (!this.#ending.signal.aborted) {
      this.#turn = new AbortController();
      this.#hasNews = false;
      await this.#round();
      const signal = AbortSignal.any([this.#ending.signal, this.#turn.signal]);
      // One that does not hold the lease has no use for news.
      if (!this.#hasNews || !this.#isHolder) await pause(retryMilliseconds, signal);
    }
  }

  async #round(): Promise<void> {
    const { lease, logger } = this.#options;
    const wasHolder = this.#isHolder;
    try {
      this.#isHolder = await lease.hold();
    } catch (err) {
      this.#isHolder = false;
      logger.warn({ err }, 'lease not held');
    }
    if (this.#isHolder !== wasHolder) logger.info({ isHolder: this.#isHolder }, 'status writer');
    if (this.#isHolder) await this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    const { policy: currentPolicy, tenants, ruleIds, now } = this.#options;
    const policy = currentPolicy();
    if (policy === undefined) return;
    const names = new Set(tenants().keys());
    for (const name of this.#written.keys()) if (!names.has(name)) this.#written.delete(name);
    for (const tenant of [...tenants().values()]) {
      if (this.#ending.signal.aborted) return;
      if (this.#written.get(tenant.name) === tenant.resourceVersion) continue;
      const status = buildTenantStatus(tenant, { policy, ruleIds, now: now() });
      if (!hasStatus(tenant, status)) await this.#write(tenant, status);
    }
  }

  async #write({ name, resourceVersion }: StoredTenant, status: TenantStatus): Promise<void> {
    const { cluster, logger } = this.#options;
    try {
      await cluster.ask({
        method: 'PATCH',
        path: `${tenantsPath}/${name}/status`,
        contentType: 'application/merge-patch+json',
        // The version makes a status that was worked out from an older object fail.
        body: { metadata: { resourceVersion }, status },
        signal: this.#ending.signal,
      });
      this.#written.set(name, resourceVersion);
    } catch (err) {
      // Changed or gone since: the watch brings that, and the next round deals with it.
      if (isConflict(err) || isNotFound(err) || this.#ending.signal.aborted) return;
      logger.warn({ err, name }, 'status not written');
    }
  }
}
