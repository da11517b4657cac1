import type { Settings } from '../settings/settings.ts';
import type { TenantIndex } from './tenant-index.ts';

/** The names of namespaces, as a set or as the keys of a map. */
export interface NamespaceNames {
  has(name: string): boolean;
}

/**
 * True for a name that is known to be a namespace: the config names it, a tenant lists it, or it exists
 * in the cluster. Names that end in it are short forms of Services first (see `shortFormOf`).
 */
export function isKnownNamespace(
  name: string,
  given: {
    readonly settings: Settings;
    readonly tenants: TenantIndex;
    /** Those of the cluster; undefined where they are not known. */
    readonly namespaces?: NamespaceNames | undefined;
  },
): boolean {
  const { settings, tenants, namespaces } = given;
  return (
    settings.namespaces.has(name) ||
    tenants.claimsOnNamespace(name).length > 0 ||
    (namespaces?.has(name) ?? false)
  );
}
