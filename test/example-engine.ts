import { readFileSync } from 'node:fs';
import { limits } from '../src/limits.ts';
import type { Engine } from '../src/engine/admit.ts';
import { loadPolicy } from '../src/engine/load-policy.ts';
import { createPolicyState } from '../src/engine/state.ts';
import { Attestor } from '../src/identity/attestation.ts';
import { createKeyRing, generateSigningKey } from '../src/identity/key-ring.ts';
import { mutations } from '../src/inject/mutations.ts';
import { rules } from '../src/rules/index.ts';
import { RuleRegistry } from '../src/engine/registry.ts';

/** An engine over examples/tenants.yaml and the default config, on a fixed day. */
export async function exampleEngine(
  now = (): Date => new Date('2026-12-01T12:00:00Z'),
): Promise<Engine> {
  const file = 'examples/tenants.yaml';
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  const registry = new RuleRegistry(rules);
  const state = createPolicyState(loadPolicy({ tenants: [{ file, text }] }, registry.ids));
  const keys = await createKeyRing([await generateSigningKey()]);
  const attestor = new Attestor(keys, { now, cacheSize: limits.maxCachedIdentities });
  return { surroundings: { state, attestor, ruleIds: registry.ids, now }, registry, mutations };
}
