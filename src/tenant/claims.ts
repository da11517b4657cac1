import type { FieldPath } from '../admission/field-path.ts';
import type { DeclarationProblem } from '../declaration/validate.ts';
import type { Settings } from '../settings/settings.ts';
import type { TenantIndex } from './tenant-index.ts';
import type { NamespaceNames } from './world.ts';

/** What a declaration is judged against. */
export interface TenantSurroundings {
  /** All tenants; the declaration itself may be among them. */
  readonly tenants: TenantIndex;
  readonly settings: Settings;
  readonly ruleIds: ReadonlySet<string>;
  /** Those of the cluster; undefined where they are not known. */
  readonly namespaces?: NamespaceNames | undefined;
}

/** One thing wrong with a StorageTenant beside the others. */
export interface TenantProblem extends DeclarationProblem {
  /** The other tenant that claims the same; undefined when the field is wrong by itself. */
  readonly claimant?: string;
}

/** One problem for each claimant other than the tenant itself; `words` gets the claimant's name. */
export function conflictsAt(
  path: FieldPath,
  { claimants, self }: { readonly claimants: readonly string[]; readonly self: string },
  words: (claimant: string) => string,
): TenantProblem[] {
  return claimants
    .filter((name) => name !== self)
    .map((claimant) => ({ path, claimant, message: words(claimant) }));
}
