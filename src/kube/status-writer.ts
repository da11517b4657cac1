import { setImmediate as nextTurn } from 'node:timers/promises';
import { limits } from '../limits.ts';
import type { PolicyState } from '../engine/state.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Cluster } from './cluster.ts';
import { isConflict, isNotFound } from './cluster-error.ts';
import type { Lease } from './lease.ts';
import { pause as realPause, type Pause } from './pause.ts';
import type { CreationTimeOf } from './namespace-status.ts';
import type { StoredTenant } from './stored-tenant.ts';
import { buildTenantStatus, hasStatus, type TenantStatus } from './tenant-status.ts';
import { tenantsPath } from './tenant-store.ts';

export interface StatusWriterOptions {
  readonly cluster: Cluster;
  readonly lease: Lease;
  readonly logger: Logger;
  /** What is in force, and the objects it was made from; undefined while nothing is loaded. */
  readonly policy: () => PolicyState | undefined;
  readonly tenants: () => readonly StoredTenant[];
  readonly creationTimeOf: CreationTimeOf;
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
  readonly #retryMilliseconds: number;
  readonly #ending = new AbortController();
  #turn = new AbortController();
  #news = 0;
  #isHolder = false;
  #heldAt = Number.NEGATIVE_INFINITY;
  /** What each status was last made from, once nothing was left to write. */
  readonly #settled = new Map<string, Basis>();
  #running: Promise<void> | undefined;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#retryMilliseconds = options.retryMilliseconds ?? limits.leaseRetryMilliseconds;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Looks now instead of at the next round. */
  wake(): void {
    this.#news += 1;
    // A replica that does not hold the lease has no use for news.
    if (this.#isHolder) this.#turn.abort();
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
    const { pause = realPause } = this.#options;
    while (!this.#ending.signal.aborted) {
      this.#turn = new AbortController();
      const seen = this.#news;
      await this.#holdLease();
      if (this.#isHolder) await this.#writeAll();
      if (this.#isHolder && this.#news !== seen) continue;
      const signal = AbortSignal.any([this.#ending.signal, this.#turn.signal]);
      await pause(this.#retryMilliseconds, signal);
    }
  }

  async #holdLease(): Promise<void> {
    const { lease, logger, now } = this.#options;
    const time = now().getTime();
    if (this.#isHolder && Math.abs(time - this.#heldAt) < this.#retryMilliseconds) return;
    const wasHolder = this.#isHolder;
    try {
      this.#isHolder = await lease.hold();
      this.#heldAt = time;
    } catch (err) {
      this.#isHolder = false;
      logger.warn({ err }, 'lease not held');
    }
    if (this.#isHolder !== wasHolder) logger.info({ isHolder: this.#isHolder }, 'status writer');
  }

  async #writeAll(): Promise<void> {
    const { policy: currentPolicy, tenants: currentTenants, ...given } = this.#options;
    const { ruleIds, creationTimeOf, now } = given;
    const policy = currentPolicy();
    if (policy === undefined) return;
    const tenants = currentTenants();
    const names = new Set(tenants.map(({ name }) => name));
    for (const name of this.#settled.keys()) if (!names.has(name)) this.#settled.delete(name);
    for (const tenant of tenants) {
      const basis = this.#basisOf(tenant, policy);
      if (isSame(this.#settled.get(tenant.name), basis)) continue;
      // Requests are waiting for the same thread.
      await nextTurn();
      if (this.#ending.signal.aborted) return;
      const status = buildTenantStatus(tenant, {
        policy,
        ruleIds,
        creationTimeOf,
        now: now(),
      });
      if (hasStatus(tenant, status) || (await this.#write(tenant, status))) {
        this.#settled.set(tenant.name, basis);
      }
    }
  }

  #basisOf({ declaration, resourceVersion }: StoredTenant, policy: PolicyState): Basis {
    const created = declaration.spec.namespaces.map(this.#options.creationTimeOf).join();
    return { policy, resourceVersion, created };
  }

  async #write({ name, resourceVersion }: StoredTenant, status: TenantStatus): Promise<boolean> {
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
      return true;
    } catch (err) {
      // Changed or gone since: the watch brings that, and the next round deals with it.
      const isOvertaken = isConflict(err) || isNotFound(err) || this.#ending.signal.aborted;
      if (!isOvertaken) logger.warn({ err, name }, 'status not written');
      return false;
    }
  }
}

/** What a status is made from. */
interface Basis {
  readonly policy: PolicyState;
  readonly resourceVersion: string;
  /** The creation times of the tenant's namespaces. */
  readonly created: string;
}

function isSame(one: Basis | undefined, other: Basis): boolean {
  return (
    one?.policy === other.policy &&
    one.resourceVersion === other.resourceVersion &&
    one.created === other.created
  );
}
