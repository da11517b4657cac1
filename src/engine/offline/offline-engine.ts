import type { Engine } from '../admit.ts';
import type { CompiledPolicy } from '../compiled-policy.ts';
import { createPolicyState } from '../state.ts';
import { DryRunAttestor } from '../../identity/dry-run-attestor.ts';
import { mutations } from '../../inject/mutations.ts';
import type { RuleRegistry } from '../registry.ts';
import type { World } from '../../tenant/world.ts';

/** What an engine without a cluster and without keys is made of. */
export interface OfflineSetting {
  readonly registry: RuleRegistry;
  readonly now: () => Date;
  /** The namespaces that are known, with their labels. */
  readonly namespaces?: World['namespaces'];
}

/** The engine the server runs, for objects from files. */
export function createOfflineEngine(policy: CompiledPolicy, setting: OfflineSetting): Engine {
  const { registry, now, namespaces } = setting;
  return {
    registry,
    mutations,
    surroundings: {
      state: createPolicyState(policy),
      attestor: new DryRunAttestor(),
      ruleIds: registry.ids,
      now,
      namespaces,
    },
  };
}
