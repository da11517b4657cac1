import type { JsonRecord } from '../../src/admission/json.ts';
import { formatPath } from '../../src/admission/field-path.ts';
import type { StorageTenant } from '../../src/declaration/storage-tenant.ts';
import { compileSettings } from '../../src/settings/settings.ts';
import { TenantIndex } from '../../src/tenant/tenant-index.ts';
import { storageTenantProblems } from '../../src/objects/tenant-variables.ts';
import type { Tenant } from '../../src/tenant/tenant.ts';
import { aConfig, aTenant } from '../builders.ts';

/** A tenant that owns a namespace of its own name and nothing else but these fields. */
export function aBareTenant(name: string, spec: JsonRecord = {}): StorageTenant {
  return aTenant({ name, buckets: [], egress: {}, ...spec });
}

/** The compiled tenant of that name. */
export function tenantIn(tenants: TenantIndex, name: string): Tenant {
  const tenant = tenants.tenants.get(name);
  if (tenant === undefined) throw new Error(`no tenant "${name}"`);
  return tenant;
}

/** The problems of "payments" with these fields beside `others`, one "path: message" each. */
export function problemsOf(
  spec: JsonRecord,
  {
    others = [],
    config = {},
    isNew = false,
    namespaces,
  }: {
    readonly others?: readonly StorageTenant[];
    readonly config?: JsonRecord;
    /** The tenant is not in the index yet, as when it is created. */
    readonly isNew?: boolean;
    /** Those of the cluster; undefined without one. */
    readonly namespaces?: readonly string[];
  } = {},
): string[] {
  const declaration = aBareTenant('payments', spec);
  return storageTenantProblems(declaration, {
    tenants: new TenantIndex(isNew ? others : [declaration, ...others]),
    settings: compileSettings(aConfig(config)),
    ruleIds: new Set(['export-scope', 'service-entry-endpoint']),
    namespaces: namespaces && new Set(namespaces),
  }).map(({ path, message }) => `${formatPath(path)}: ${message}`);
}
