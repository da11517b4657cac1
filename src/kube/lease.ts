import { recordOf, textOf, type JsonRecord } from '../admission/json.ts';
import { limits } from '../limits.ts';
import type { Cluster } from './cluster.ts';
import { isConflict, isNotFound } from './cluster-error.ts';

export interface LeaseOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly name: string;
  /** Of this replica; no two may have the same. */
  readonly identity: string;
  readonly now: () => Date;
}

/**
 * A coordination.k8s.io Lease, taken by one replica at a time. As in client-go, a holder is considered
 * gone when its record has not changed for the lease's duration by our own clock: the times in the
 * record are of other clocks.
 */
export class Lease {
  readonly #options: LeaseOptions;
  /** The record as last seen, and since when. */
  #seen: { readonly record: string; readonly at: number } | undefined;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /**
   * Takes the lease if it is free, renews it if it is ours. True when we hold it now.
   * @throws ClusterError when the API server cannot be asked
   */
  async hold(): Promise<boolean> {
    const { cluster, identity } = this.#options;
    const lease = await this.#read();
    try {
      if (lease === undefined) {
        await cluster.ask({
          method: 'POST',
          path: this.#collection,
          body: this.#body({ transitions: 0 }),
        });
        return true;
      }
      const spec = recordOf(lease['spec']);
      const holder = textOf(spec['holderIdentity']) ?? '';
      if (holder !== identity && holder !== '' && !this.#isExpired(spec)) return false;
      const before = Number(spec['leaseTransitions'] ?? 0);
      const isOurs = holder === identity;
      await this.#replace(lease, {
        transitions: isOurs ? before : before + 1,
        acquired: isOurs ? textOf(spec['acquireTime']) : undefined,
      });
      return true;
    } catch (error) {
      // Another replica was faster, to make it or to take it.
      if (isConflict(error)) return false;
      throw error;
    }
  }

  /** Gives the lease back, if it is ours, so that another replica need not wait. */
  async release(): Promise<void> {
    const lease = await this.#read();
    const spec = recordOf(lease?.['spec']);
    if (lease === undefined || spec['holderIdentity'] !== this.#options.identity) return;
    try {
      await this.#replace(lease, {
        transitions: Number(spec['leaseTransitions'] ?? 0),
        holder: '',
      });
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }

  #isExpired(spec: JsonRecord): boolean {
    const record = JSON.stringify(spec);
    const now = this.#options.now().getTime();
    if (this.#seen?.record !== record) this.#seen = { record, at: now };
    const seconds = Number(spec['leaseDurationSeconds'] ?? limits.leaseSeconds);
    return now - this.#seen.at > seconds * 1000;
  }

  async #read(): Promise<JsonRecord | undefined> {
    const { cluster, name } = this.#options;
    try {
      return await cluster.ask({ path: `${this.#collection}/${name}` });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** With the resourceVersion that was read, so that of two replicas one fails. */
  async #replace(lease: JsonRecord, term: Term): Promise<void> {
    const { cluster, name } = this.#options;
    const { resourceVersion } = recordOf(lease['metadata']);
    await cluster.ask({
      method: 'PUT',
      path: `${this.#collection}/${name}`,
      body: this.#body({ ...term, resourceVersion }),
    });
  }

  get #collection(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.#options.namespace}/leases`;
  }

  #body({ transitions, holder, acquired, resourceVersion }: Term): object {
    const { name, namespace, identity, now } = this.#options;
    const time = microTime(now());
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace, resourceVersion },
      spec: {
        holderIdentity: holder ?? identity,
        leaseDurationSeconds: limits.leaseSeconds,
        acquireTime: acquired ?? time,
        renewTime: time,
        leaseTransitions: transitions,
      },
    };
  }
}

interface Term {
  readonly transitions: number;
  readonly holder?: string;
  readonly acquired?: string | undefined;
  readonly resourceVersion?: unknown;
}

/** Kubernetes' MicroTime: RFC 3339 with six digits. */
function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
