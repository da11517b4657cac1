import type { FieldPath } from '../admission/field-path.ts';
import type { StorageTenant } from '../declaration/storage-tenant.ts';
import { isBucketGrantedTo } from '../tenant/own-grants.ts';
import type { TenantProblem, TenantSurroundings } from '../tenant/claims.ts';
import { tenantProblems } from '../tenant/tenant-problems.ts';
import { findBucketReferences } from './workload/bucket-references.ts';
import { describeVariable } from './workload/credential-variables.ts';

/** Everything that a schema cannot check of a StorageTenant, its variables included. */
export function storageTenantProblems(
  declaration: StorageTenant,
  surroundings: TenantSurroundings,
): TenantProblem[] {
  return [
    ...tenantProblems(declaration, surroundings),
    ...variableProblems(declaration, surroundings),
  ];
}

/** Variables that would have every pod of the tenant denied: keys, and buckets that are not granted. */
function variableProblems(
  declaration: StorageTenant,
  { tenants, settings }: TenantSurroundings,
): TenantProblem[] {
  const env = declaration.spec.env ?? [];
  if (env.length === 0) return [];
  const keys = env.flatMap(({ name, value }, index) => {
    const what = describeVariable(name, value);
    const path = ['spec', 'env', index, 'name'];
    return what === undefined ? [] : [{ path, message: `"${name}" ${what}` }];
  });
  const { known, keys: inValues } = findBucketReferences(podWith(env), settings);
  const placeOf = (path: FieldPath): FieldPath => ['spec', ...path.slice(-3)];
  const isGranted = isBucketGrantedTo(declaration, tenants);
  return [
    ...keys,
    ...inValues.map(({ path }) => ({ path: placeOf(path), message: 'has static credentials' })),
    ...known
      .filter(({ bucket }) => !isGranted(bucket))
      .map(({ path, bucket }) => ({
        path: placeOf(path),
        message: `names bucket "${bucket}", which the tenant is not granted; grant it or list it in externalBuckets`,
      })),
  ];
}

/** A pod with nothing but these variables. */
function podWith(env: readonly unknown[]): Parameters<typeof findBucketReferences>[0] {
  return {
    isPod: true,
    spec: { containers: [{ env }] },
    specPath: [],
    metadata: {},
    metadataPath: [],
  };
}
