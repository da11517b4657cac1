import { recordOf, textOf } from '../admission/json.ts';
import { limits } from '../limits.ts';
import type { StorageTenant } from '../declaration/storage-tenant.ts';
import { UnknownAnswerError } from '../errors.ts';
import { apiVersion } from '../names.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Cluster } from './cluster.ts';
import { Reflector, type ReflectorTiming } from './reflector.ts';
import { toStoredTenant, type StoredTenant } from './stored-tenant.ts';

export const tenantsPath = `/apis/${apiVersion}/storagetenants`;
const namespacesPath = '/api/v1/namespaces';

export interface TenantStoreOptions {
  readonly cluster: Cluster;
  readonly logger: Logger;
  /** Takes all declarations whenever one has changed; the first time when everything is loaded. */
  readonly onChange: (declarations: readonly StorageTenant[]) => void;
  /** Counts what could not be watched, by resource. */
  readonly onFailure?: (resource: string) => void;
  readonly timing?: Partial<ReflectorTiming>;
}

type Labels = Readonly<Record<string, string>>;

/** Loading thousands of tenants takes a tenth of a second; requests get four times as long. */
const idleShare = 4;

/** The StorageTenants of a cluster and its namespaces, kept up to date. */
export class TenantStore {
  readonly #options: TenantStoreOptions;
  readonly #tenants: Reflector<StoredTenant>;
  readonly #namespaces: Reflector<Labels>;
  /** By what is kept of a namespace, and gone with it. */
  readonly #creationTimes = new WeakMap<Labels, string>();
  #handedOut: readonly StorageTenant[] | undefined;
  #timer: NodeJS.Timeout | undefined;
  #handOutMilliseconds = 0;

  constructor(options: TenantStoreOptions) {
    this.#options = options;
    const { cluster, timing = {} } = options;
    const onChange = (): void => {
      this.#noticeChange();
    };
    this.#tenants = new Reflector({
      cluster,
      timing,
      path: tenantsPath,
      keep: toStoredTenant,
      onChange,
      onError: this.#reporter('storagetenants'),
    });
    this.#namespaces = new Reflector({
      cluster,
      timing,
      path: namespacesPath,
      metadataOnly: true,
      keep: ({ metadata }) => {
        const labels = labelsOf(recordOf(metadata)['labels']);
        this.#creationTimes.set(labels, textOf(recordOf(metadata)['creationTimestamp']) ?? '');
        return labels;
      },
      onChange,
      onError: this.#reporter('namespaces'),
    });
  }

  start(): void {
    this.#tenants.start();
    this.#namespaces.start();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all([this.#tenants.stop(), this.#namespaces.stop()]);
  }

  /** The objects whose declarations have been handed out as they are now. */
  get tenants(): readonly StoredTenant[] {
    const handedOut = new Set(this.#handedOut);
    return [...this.#tenants.items.values()].filter(({ declaration }) =>
      handedOut.has(declaration),
    );
  }

  /** Labels by name of namespace; undefined when they may be out of date and cannot be relied on. */
  get namespaces(): ReadonlyMap<string, Labels> | undefined {
    return this.#namespaces.isFresh ? this.#namespaces.items : undefined;
  }

  /** When a namespace was created, as far as is known; undefined when there is none of this name. */
  creationTimeOf(namespace: string): string | undefined {
    const labels = this.#namespaces.items.get(namespace);
    return labels && this.#creationTimes.get(labels);
  }

  get isLoaded(): boolean {
    return this.#tenants.isLoaded && this.#namespaces.isLoaded;
  }

  /** Until when the tenants are known, in milliseconds since 1970. */
  get provenAt(): number {
    return this.#tenants.provenAt;
  }

  /**
   * True when everything that is declared is known. Every answer depends on that: a bucket may belong to
   * another tenant, a host may be an ingress host, a grant may have been revoked.
   */
  get isFresh(): boolean {
    return this.#tenants.isFresh;
  }

  /**
   * Reads all StorageTenants now; when it returns, the change has been handed out.
   * @throws UnknownAnswerError when they cannot be read
   */
  async refresh(): Promise<void> {
    await known('StorageTenants', this.#tenants.refresh());
    this.#handOut();
  }

  /**
   * Reads all namespaces now.
   * @throws UnknownAnswerError when they cannot be read
   */
  async refreshNamespaces(): Promise<void> {
    await known('namespaces', this.#namespaces.refresh());
  }

  /** Changes in quick succession, such as those of one `kubectl apply`, are handed out together. */
  #noticeChange(): void {
    if (!this.isLoaded) return;
    if (this.#handedOut === undefined) this.#handOut();
    this.#timer ??= setTimeout(
      () => {
        this.#handOut();
      },
      Math.max(limits.coalesceMilliseconds, this.#handOutMilliseconds * idleShare),
    ).unref();
  }

  #handOut(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.isLoaded) return;
    const declarations = [...this.#tenants.items.values()]
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .map(({ declaration }) => declaration);
    // Labels and our own writes of status change no declaration.
    if (isSameList(declarations, this.#handedOut)) return;
    this.#handedOut = declarations;
    const startedAt = performance.now();
    this.#options.onChange(declarations);
    this.#handOutMilliseconds = performance.now() - startedAt;
  }

  #reporter(resource: string): (error: unknown, failuresInARow: number) => void {
    return (error, failures) => {
      const problem = error instanceof Error ? error.message : String(error);
      this.#options.logger.warn({ resource, failures, problem }, 'watch failed');
      this.#options.onFailure?.(resource);
    };
  }
}

function isSameList(list: readonly unknown[], other: readonly unknown[] | undefined): boolean {
  return list.length === other?.length && list.every((item, index) => item === other[index]);
}

function labelsOf(value: unknown): Labels {
  const labels = Object.entries(recordOf(value));
  return Object.fromEntries(
    labels.flatMap(([key, label]) => {
      const text = textOf(label);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}

async function known(what: string, read: Promise<void>): Promise<void> {
  try {
    await read;
  } catch (cause) {
    throw new UnknownAnswerError(
      `the ${what} may have changed and cannot be read from the API server`,
      { cause },
    );
  }
}
