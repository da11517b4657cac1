import type { Settings } from '../settings/settings.ts';
import type { TenantIndex } from './tenant-index.ts';
import type { Tenant } from './tenant.ts';

/** What is declared, as far as a rule may know it. Nothing in it changes while a request is judged. */
export interface World {
  /** The tenant that owns the object's namespace; undefined outside tenants and for cluster-scoped objects. */
  readonly tenant: Tenant | undefined;
  readonly tenants: TenantIndex;
  readonly settings: Settings;
  readonly ruleIds: ReadonlySet<string>;
  /** Namespaces that exist, with their labels; undefined where no cluster is at hand. */
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>> | undefined;
}

/**
 * What the author of an object needs for the hosts in it: a grant for each, nothing but to leave alone
 * what is protected or a tenant's, or nothing at all (config `untenanted.hosts`).
 */
export function hostPolicyOf({ tenant, settings }: World): 'granted' | 'protected' | 'nothing' {
  if (tenant !== undefined) return 'granted';
  switch (settings.config.untenanted.hosts) {
    case 'All':
      return 'granted';
    case 'Protected':
      return 'protected';
    case 'None':
      return 'nothing';
    default:
      return settings.config.untenanted.hosts satisfies never;
  }
}

/**
 * True for a namespace that this author may learn of: those in the config, and outside tenants those of
 * tenants and all that exist. Inside a tenant the namespaces of others must stay unknown.
 */
export function isKnownNamespace(
  { tenant, tenants, settings, namespaces }: World,
  name: string,
): boolean {
  if (settings.namespaces.has(name)) return true;
  if (tenant !== undefined) return false;
  return tenants.claimsOnNamespace(name).length > 0 || namespaces?.has(name) === true;
}

/** The names of namespaces, as a set or as the keys of a map. */
export interface NamespaceNames {
  has(name: string): boolean;
}

/** True for a namespace that exists or is declared, whoever asks: for decisions, never for messages. */
export function isNamespace(
  {
    tenants,
    settings,
    namespaces,
  }: Pick<World, 'tenants' | 'settings'> & { readonly namespaces?: NamespaceNames | undefined },
  name: string,
): boolean {
  return (
    settings.namespaces.has(name) ||
    tenants.claimsOnNamespace(name).length > 0 ||
    namespaces?.has(name) === true
  );
}
