import type { BucketwardenConfig } from '../declaration/bucketwarden-config.ts';
import { configFingerprint } from '../identity/config-fingerprint.ts';
import type { AttestationClaims } from '../identity/storage-identity.ts';
import { limits } from '../limits.ts';
import type { Tenant } from '../tenant/tenant.ts';

/**
 * Which generations of tenants and which configs have been in force in this process. They tell an
 * attestation made under an old state from one made under a state that has not arrived here yet.
 */
export interface SeenStates {
  readonly configs: ReadonlySet<string>;
  /** By name of tenant. */
  readonly generations: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What has been in force when this is, too. */
export function withState(
  before: SeenStates | undefined,
  { config, tenants }: { config: BucketwardenConfig; tenants: Iterable<Tenant> },
): SeenStates {
  return {
    configs: remember(before?.configs, configFingerprint(config)),
    generations: new Map(
      Array.from(tenants, ({ name, generation }) => [
        name,
        remember(before?.generations.get(name), generation),
      ]),
    ),
  };
}

/** Whether the declaration and the config behind an attestation have been in force here. */
export function hasSeen(
  { configs, generations }: SeenStates,
  { tenant, generation, config }: AttestationClaims,
): boolean {
  const isKnownConfig = config === '' || configs.has(config);
  return isKnownConfig && generations.get(tenant)?.has(generation) === true;
}

/** The latest ones. A set that holds the text already is shared, because most tenants do not change. */
function remember(before: ReadonlySet<string> | undefined, text: string): ReadonlySet<string> {
  if (before?.has(text)) return before;
  return new Set([...(before ?? []), text].slice(-limits.maxRememberedStates));
}
