import { LRUCache } from 'lru-cache';
import { limits, type BucketwardenConfig } from '../config.ts';
import type { StorageTenant } from '../declaration/storage-tenant.ts';
import { buildStorageIdentity, type StorageIdentity } from '../identity/storage-identity.ts';
import type { ServiceAccountRef } from '../identity/subject.ts';
import { compileSettings, type Settings } from '../settings/settings.ts';
import { TenantIndex } from '../tenant/tenant-index.ts';
import type { Tenant } from '../tenant/tenant.ts';

/** One consistent set of declarations. A change makes a new state; requests keep the one they got. */
export interface PolicyState {
  readonly settings: Settings;
  readonly tenants: TenantIndex;
  /** The state before, accepted a while longer so that replicas and roll-outs do not quarrel. */
  readonly previous: { readonly state: PolicyState; readonly until: Date } | undefined;
  /** What pods of an account must carry; remembered per account. */
  identityOf(tenant: Tenant, account: ServiceAccountRef, isWindows: boolean): StorageIdentity;
}

/** Compiles declarations whose schemas have been checked. */
export function createPolicyState(
  { config, tenants }: { config: BucketwardenConfig; tenants: readonly StorageTenant[] },
  replaced?: { readonly state: PolicyState; readonly now: Date },
): PolicyState {
  const identities = new LRUCache<string, StorageIdentity>({ max: limits.maxCachedIdentities });
  return {
    settings: compileSettings(config),
    tenants: new TenantIndex(tenants),
    previous: replaced && {
      // Only one step back: keeping the whole chain would keep every state ever loaded.
      state: { ...replaced.state, previous: undefined },
      until: new Date(replaced.now.getTime() + limits.previousGenerationMilliseconds),
    },
    identityOf(tenant, account, isWindows) {
      const key = `${account.namespace}/${account.name}/${isWindows}`;
      const known = identities.get(key);
      if (known !== undefined) return known;
      const identity = buildStorageIdentity(tenant, account, { config, isWindows });
      identities.set(key, identity);
      return identity;
    },
  };
}
