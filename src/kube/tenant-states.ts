import { setImmediate as nextTurn } from 'node:timers/promises';
import { limits } from '../limits.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { TenantCounts, TenantState } from '../tenant/tenant-state.ts';
import { examineTenant, type ExaminedBeside, type TenantFindings } from './examine-tenant.ts';
import type { StoredTenant } from './stored-tenant.ts';

/** All tenants, and what they are examined beside. */
export interface TenantView extends ExaminedBeside {
  readonly tenants: readonly StoredTenant[];
}

/**
 * Counts the tenants by state, and logs a conflict or an invalid declaration once per change. A
 * StorageTenant that was created while the webhook was down, or that became invalid with the config,
 * would otherwise show in its status alone.
 */
export class TenantStates {
  readonly #logger: Logger;
  readonly #onCount: (counts: TenantCounts) => void;
  /** The line that was logged last, by name of tenant; none for those that are ready. */
  readonly #logged = new Map<string, string>();
  #next: TenantView | undefined;
  #isRunning = false;
  #isStopped = false;

  constructor(given: { logger: Logger; onCount: (counts: TenantCounts) => void }) {
    this.#logger = given.logger;
    this.#onCount = given.onCount;
  }

  /**
   * Examines every tenant, a few at a time because requests wait for the same thread. A view that
   * arrives meanwhile is examined afterwards; of several only the last.
   */
  async examine(view: TenantView): Promise<void> {
    this.#next = view;
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#next !== undefined && !this.#isStopped) {
      const current = this.#next;
      this.#next = undefined;
      await this.#examineAll(current);
    }
    this.#isRunning = false;
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #examineAll({ tenants, ...beside }: TenantView): Promise<void> {
    const counts: Record<TenantState, number> = { ready: 0, conflict: 0, invalid: 0 };
    for (const tenant of tenants) {
      await nextTurn();
      if (this.#isStopped) return;
      const findings = examineTenant(tenant, beside);
      counts[findings.state] += 1;
      this.#log(tenant.name, findings);
    }
    const names = new Set(tenants.map(({ name }) => name));
    for (const name of this.#logged.keys()) if (!names.has(name)) this.#logged.delete(name);
    this.#onCount(counts);
  }

  #log(tenant: string, findings: TenantFindings): void {
    const fields = { tenant, ...fieldsOf(findings) };
    const isReady = findings.state === 'ready';
    const line = isReady ? undefined : JSON.stringify(fields);
    if (line === this.#logged.get(tenant)) return;

    if (line === undefined) {
      this.#logged.delete(tenant);
      this.#logger.info(fields, 'tenant ready again');
    } else {
      this.#logged.set(tenant, line);
      this.#logger.warn(fields, 'tenant not ready');
    }
  }
}

/** What a log line says of a tenant: the first problems and conflicts, and how many more there are. */
function fieldsOf({ state, unreadable, invalid, conflicts }: TenantFindings): object {
  const problems = [...unreadable, ...invalid];
  const most = limits.maxReportedViolations;
  const omitted = Math.max(0, problems.length - most) + Math.max(0, conflicts.length - most);
  return {
    state,
    ...(problems.length > 0 && { problems: problems.slice(0, most) }),
    ...(conflicts.length > 0 && { conflicts: conflicts.slice(0, most) }),
    ...(omitted > 0 && { omitted }),
  };
}
