import type { StorageTenant } from '../declaration/storage-tenant.ts';
import { isExternalBucket } from './ask-bucket.ts';
import { ownGrant } from './bucket-grant.ts';
import type { TenantIndex } from './tenant-index.ts';
import { compileTenant } from './tenant.ts';

/**
 * Says whether a declaration, which may not be in the index yet, grants the tenant a bucket to any account:
 * as its own, shared by an owner, or as one outside the store.
 */
export function isBucketGrantedTo(
  declaration: StorageTenant,
  tenants: TenantIndex,
): (bucket: string) => boolean {
  const own = (declaration.spec.buckets ?? []).flatMap((entry) => ownGrant(entry) ?? []);
  const before = tenants.tenants.get(declaration.metadata.name)?.grants ?? [];
  const shared = before.filter(({ origin }) => origin === 'shared');
  const tenant = compileTenant(declaration, [...own, ...shared]);
  return (bucket) =>
    isExternalBucket(tenants, tenant, bucket) || tenant.buckets.matching(bucket).length > 0;
}
