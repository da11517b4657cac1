import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { BucketwardenConfig } from '../declaration/bucketwarden-config.ts';
import { limits } from '../limits.ts';
import { buildStorageIdentity, type StorageIdentity } from '../identity/storage-identity.ts';
import type { ServiceAccountRef } from '../identity/subject.ts';
import { withState, type SeenStates } from './seen-states.ts';
import type { TenantIndex } from '../tenant/tenant-index.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { CompiledPolicy } from './compiled-policy.ts';

/** One consistent set of declarations. A change makes a new state; requests keep the one they got. */
export interface PolicyState extends CompiledPolicy {
  /** What pods of an account must carry; remembered per account. */
  identityOf(tenant: Tenant, account: ServiceAccountRef, isWindows: boolean): StorageIdentity;
  /**
   * What they had to carry before the tenant or the config changed last, accepted a while longer so
   * that replicas do not deny each other's pods during a change; undefined when nothing changed lately.
   */
  earlierIdentityOf(
    tenant: Tenant,
    account: ServiceAccountRef,
    given: { readonly isWindows: boolean; readonly now: Date },
  ): StorageIdentity | undefined;
  /** By name of tenant. */
  readonly earlier: ReadonlyMap<string, EarlierTenant>;
  /** Every declaration and config that has been in force in this process, this state's included. */
  readonly seen: SeenStates;
}

/** A tenant as it was before its last change. Nothing else of the state it was in is kept. */
export interface EarlierTenant {
  readonly tenant: Tenant;
  readonly config: BucketwardenConfig;
  readonly until: Date;
}

/** Starts from a compiled policy, in place of the one that was in force before. */
export function createPolicyState(
  { settings, tenants }: CompiledPolicy,
  replaced?: { readonly state: PolicyState; readonly now: Date },
): PolicyState {
  const { config } = settings;
  const earlier = replaced
    ? earlierTenants(tenants, config, replaced)
    : new Map<string, EarlierTenant>();
  const seen = withState(replaced?.state.seen, { config, tenants: tenants.tenants.values() });
  const identities = new IdentityMemory();
  const earlierIdentities = new IdentityMemory();
  return {
    settings,
    tenants,
    earlier,
    seen,
    identityOf: (tenant, account, isWindows) =>
      identities.recall({ tenant, config }, account, isWindows),
    earlierIdentityOf({ name }, account, { isWindows, now }) {
      const before = earlier.get(name);
      if (before === undefined || now >= before.until) return undefined;
      return earlierIdentities.recall(before, account, isWindows);
    },
  };
}

/**
 * One step back for each tenant by itself: in a cluster some other tenant changes all the time, which
 * must not cut short the time of this one.
 */
function earlierTenants(
  index: TenantIndex,
  config: BucketwardenConfig,
  { state, now }: { readonly state: PolicyState; readonly now: Date },
): ReadonlyMap<string, EarlierTenant> {
  const { config: configBefore } = state.settings;
  const isSameConfig = isDeepStrictEqual(configBefore, config);
  const until = new Date(now.getTime() + limits.previousGenerationMilliseconds);
  const earlier = new Map<string, EarlierTenant>();
  for (const [name, tenant] of index.tenants) {
    const before = state.tenants.tenants.get(name);
    const alreadyEarlier = state.earlier.get(name);
    if (before !== undefined && !(isSameConfig && isSameTenant(before, tenant))) {
      earlier.set(name, { tenant: before, config: configBefore, until });
    } else if (alreadyEarlier !== undefined && now < alreadyEarlier.until) {
      earlier.set(name, alreadyEarlier);
    }
  }
  return earlier;
}

/** What others share with a tenant is part of it, too. */
function isSameTenant(one: Tenant, other: Tenant): boolean {
  return one.generation === other.generation && isDeepStrictEqual(one.grants, other.grants);
}

/** Identities by account; in one state an account belongs to one tenant. */
class IdentityMemory {
  #identities: LRUCache<string, StorageIdentity> | undefined;

  recall(
    { tenant, config }: { readonly tenant: Tenant; readonly config: BucketwardenConfig },
    account: ServiceAccountRef,
    isWindows: boolean,
  ): StorageIdentity {
    // Made when first needed: it takes room for all its entries at once.
    this.#identities ??= new LRUCache({ max: limits.maxCachedIdentities });
    const key = `${account.namespace}/${account.name}/${isWindows}`;
    const known = this.#identities.get(key);
    if (known !== undefined) return known;
    const identity = buildStorageIdentity(tenant, account, { config, isWindows });
    // No account has a longer name (RFC 1123 subdomain), but a custom kind may hold anything.
    if (account.name.length <= 253) this.#identities.set(key, identity);
    return identity;
  }
}
