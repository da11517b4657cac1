import type { BucketwardenConfig } from '../declaration/bucketwarden-config.ts';
import type { StorageTenant } from '../declaration/storage-tenant.ts';
import { compileSettings, type Settings } from '../settings/settings.ts';
import { TenantIndex } from '../tenant/tenant-index.ts';

/** Config and tenants made ready for look-ups. Compiled once, and handed on from there. */
export interface CompiledPolicy {
  readonly settings: Settings;
  readonly tenants: TenantIndex;
}

/** Compiles declarations whose schemas have been checked. */
export function compilePolicy({
  config,
  tenants,
}: {
  readonly config: BucketwardenConfig;
  readonly tenants: readonly StorageTenant[];
}): CompiledPolicy {
  return { settings: compileSettings(config), tenants: new TenantIndex(tenants) };
}
