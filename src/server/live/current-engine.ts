import type { AdmissionRequest } from '../../admission/review.ts';
import { limits } from '../../limits.ts';
import type { Engine } from '../../engine/admit.ts';
import type { Surroundings } from '../../engine/context.ts';
import type { CompiledPolicy } from '../../engine/compiled-policy.ts';
import { createPolicyState, type PolicyState } from '../../engine/state.ts';
import { Attestor } from '../../identity/attestation.ts';
import type { KeyRing } from '../../identity/key-ring.ts';
import type { Mutation } from '../../inject/mutation.ts';
import { apiGroup } from '../../names.ts';
import type { World } from '../../tenant/world.ts';
import type { RuleRegistry } from '../../engine/registry.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { NotReadyError } from '../../errors.ts';
import { Rereading } from './rereading.ts';

/** What never changes while the server runs. */
export interface EngineParts {
  readonly registry: RuleRegistry;
  readonly mutations: readonly Mutation[];
  readonly now: () => Date;
  readonly metrics: Metrics;
  /** Told of the settings of every policy that is put in force. */
  readonly report?: (settings: Settings) => void;
}

/** Where the declarations come from, when it is a cluster and not files. */
export interface ClusterView {
  /** False when something may be declared that we have not heard of. */
  readonly isFresh: boolean;
  /** Hands over what is declared now. @throws UnknownAnswerError when it cannot be read */
  refresh(): Promise<void>;
  /** The same for namespaces. @throws UnknownAnswerError when they cannot be read */
  refreshNamespaces(): Promise<void>;
  readonly namespaces: World['namespaces'];
}

/**
 * The engine that answers right now. A reload puts a whole new one in its place; requests under way
 * keep the one they started with.
 */
export class CurrentEngine {
  readonly #parts: EngineParts;
  #policy: PolicyState | undefined;
  #attestor: Attestor | undefined;
  #engine: Engine | undefined;
  #cluster: ClusterView | undefined;
  #reloadFiles: (() => Promise<void>) | undefined;
  readonly #rereading: Rereading;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#rereading = new Rereading(
      () => Promise.all([this.#cluster?.refresh(), this.#reloadFiles?.()]),
      parts.now,
    );
  }

  usePolicy(policy: CompiledPolicy): void {
    const replaced = this.#policy && { state: this.#policy, now: this.#parts.now() };
    this.#policy = createPolicyState(policy, replaced);
    this.#parts.report?.(policy.settings);
    // Files with a conflict are refused; in a cluster, where they are not, `TenantStates` counts.
    if (this.#cluster === undefined) {
      const ready = policy.tenants.tenants.size;
      this.#parts.metrics.setTenants({ ready, conflict: 0, invalid: 0 });
    }
    this.#assemble();
  }

  useKeys(keys: KeyRing): void {
    this.#attestor = new Attestor(keys, {
      now: this.#parts.now,
      cacheSize: limits.maxCachedIdentities,
    });
    this.#parts.metrics.setSigningKeys(keys.verifying.size);
    this.#assemble();
  }

  /** From now on declarations have an age, and namespaces are known. */
  useCluster(view: ClusterView): void {
    this.#cluster = view;
    this.#assemble();
  }

  /** From now on watched files can be read before they are looked at the next time. */
  useFiles(reload: () => Promise<void>): void {
    this.#reloadFiles = reload;
  }

  /** False when an answer must wait for `getFresh`. */
  isFreshFor(request: AdmissionRequest): boolean {
    return this.#cluster === undefined || (this.#cluster.isFresh && !isDeclaration(request));
  }

  /**
   * The engine after the declarations have been read anew. A declaration of a tenant always needs that:
   * another may have been declared a moment ago, with the same bucket, or to share one with.
   * @throws UnknownAnswerError, NotReadyError
   */
  async getFresh(request: AdmissionRequest): Promise<Engine> {
    // A server that has never read anything does not begin on behalf of a request.
    this.get();
    const isDeletion = isDeclaration(request) && request.operation === 'DELETE';
    await Promise.all([
      this.#cluster?.refresh(),
      isDeletion ? this.#cluster?.refreshNamespaces() : undefined,
    ]);
    return this.get();
  }

  /** The declarations in force. */
  get policy(): PolicyState | undefined {
    return this.#policy;
  }

  /** @throws NotReadyError naming what is not loaded yet */
  get(): Engine {
    if (this.#engine === undefined) throw new NotReadyError(this.missing ?? 'not loaded');
    // Namespaces come, or become too old to rely on, without a change of the policy.
    if (this.#engine.surroundings.namespaces !== this.#cluster?.namespaces) this.#assemble();
    return this.#engine;
  }

  /** What keeps us from answering; undefined when nothing does. */
  get missing(): string | undefined {
    if (this.#policy === undefined) return 'the tenants are not loaded yet';
    if (this.#attestor === undefined) return 'the signing key is not loaded yet';
    return undefined;
  }

  get ruleIds(): ReadonlySet<string> {
    return this.#parts.registry.ids;
  }

  /** Public halves of the signing keys. */
  get jwks(): KeyRing['jwks'] {
    return this.#attestor?.jwks ?? { keys: [] };
  }

  #assemble(): void {
    if (this.#policy === undefined || this.#attestor === undefined) return;
    const { registry, mutations, now } = this.#parts;
    this.#engine = {
      surroundings: {
        state: this.#policy,
        attestor: this.#attestor,
        ruleIds: registry.ids,
        now,
        readAnew: () => this.#readAnew(),
        namespaces: this.#cluster?.namespaces,
      },
      registry,
      mutations,
    };
  }

  /** What is known after reading anew; nothing is read a second time for one request. */
  async #readAnew(): Promise<Surroundings> {
    await this.#rereading.run();
    const { state, attestor, ruleIds, now, namespaces } = this.get().surroundings;
    return { state, attestor, ruleIds, now, namespaces };
  }
}

function isDeclaration({ resource: { group, resource } }: AdmissionRequest): boolean {
  return resource === 'storagetenants' && group === apiGroup;
}
