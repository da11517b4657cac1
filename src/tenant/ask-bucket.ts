import { answerAsk, isForAccount, type BucketAnswer, type BucketAsk } from './bucket-grant.ts';
import type { TenantIndex } from './tenant-index.ts';
import type { Tenant } from './tenant.ts';

/** Answers a tenant's request for a bucket. A bucket that two tenants claim belongs to neither. */
export function askBucket(tenants: TenantIndex, tenant: Tenant, ask: BucketAsk): BucketAnswer {
  if (tenants.isContestedBucket(ask.bucket)) return { kind: 'denied', reason: 'not-granted' };
  return answerAsk(tenant.buckets, ask);
}

/** True for names that the tenant declared to be outside the store and that no tenant owns in it. */
export function isExternalBucket(tenants: TenantIndex, tenant: Tenant, bucket: string): boolean {
  return tenant.externalBuckets.matching(bucket).length > 0 && !tenants.isManagedBucket(bucket);
}

/** True when at least one grant is for this account. */
export function hasAnyGrant(tenant: Tenant, serviceAccount: string): boolean {
  return tenant.grants.some((grant) => isForAccount(grant, serviceAccount));
}
