import { limits } from '../config.ts';
import type { Engine } from '../engine/admit.ts';
import type { LoadedPolicy } from '../engine/load-policy.ts';
import { createPolicyState, type PolicyState } from '../engine/policy-state.ts';
import { Attestor } from '../identity/attestation.ts';
import type { KeyRing } from '../identity/key-ring.ts';
import type { Mutation } from '../inject/mutation.ts';
import type { RuleRegistry } from '../rules/rule-registry.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { NotReadyError } from './failures.ts';

/** What never changes while the server runs. */
export interface EngineParts {
  readonly registry: RuleRegistry;
  readonly mutations: readonly Mutation[];
  readonly now: () => Date;
  readonly metrics: Metrics;
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

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  usePolicy(loaded: LoadedPolicy): void {
    const replaced = this.#policy && { state: this.#policy, now: this.#parts.now() };
    this.#policy = createPolicyState(loaded, replaced);
    this.#parts.metrics.setTenants(loaded.tenants.length);
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

  /** @throws NotReadyError naming what is not loaded yet */
  get(): Engine {
    if (this.#engine === undefined) throw new NotReadyError(this.missing ?? 'not loaded');
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
      surroundings: { state: this.#policy, attestor: this.#attestor, ruleIds: registry.ids, now },
      registry,
      mutations,
    };
  }
}
