import type { Settings } from '../settings/settings.ts';
import type { TenantIndex } from './tenant-index.ts';

/** What a declaration is judged against. */
export interface TenantSurroundings {
  /** All tenants; the declaration itself may be among them. */
  readonly tenants: TenantIndex;
  readonly settings: Settings;
  readonly ruleIds: ReadonlySet<string>;
}

/** The claimants other than the tenant itself. */
export function claimedBy(claims: readonly string[], self: string): readonly string[] {
  return claims.filter((name) => name !== self);
}
