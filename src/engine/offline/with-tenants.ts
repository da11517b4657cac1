import { decodeTenant } from '../../declaration/load.ts';
import type { StorageTenant } from '../../declaration/storage-tenant.ts';
import type { ManifestObject } from '../../files/documents.ts';
import { compilePolicy, type CompiledPolicy } from '../compiled-policy.ts';

/**
 * The policy with the StorageTenants among the input besides, so that two of them that claim the same
 * contradict each other. One of the same name replaces the declared one. For judging StorageTenants only:
 * no pod may profit from a declaration that nobody has accepted yet.
 */
export function withTenantsAmong(
  { settings, tenants }: CompiledPolicy,
  objects: readonly ManifestObject[],
): CompiledPolicy {
  const found = objects.flatMap(({ value }) => decodeTenant(value).declaration ?? []);
  const byName = new Map<string, StorageTenant>(
    [...tenants.declarations, ...found].map((one) => [one.metadata.name, one]),
  );
  return compilePolicy({ config: settings.config, tenants: [...byName.values()] });
}
