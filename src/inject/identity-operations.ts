import type { FieldPath } from '../admission/field-path.ts';
import { add, append, appendAll, replace, type PatchOperation } from '../admission/json-patch.ts';
import { isRecord } from '../admission/json.ts';
import { compareVariable } from '../identity/compare-variable.ts';
import { isIdentityMount, isIdentityVolume, isInjectedMount } from '../identity/identity-parts.ts';
import type { StorageIdentity } from '../identity/storage-identity.ts';
import type { Variable } from '../identity/store-parts.ts';
import type { Container } from '../objects/workload/containers.ts';
import { coversContent } from '../objects/workload/covers-content.ts';
import type { Workload } from '../objects/workload/pod-template.ts';

/**
 * Operations that make parts of a pod right: `add` for what is missing, `replace` for what takes the
 * identity's place, nothing for what is right already.
 */

/** The volume the token comes from. */
export function volumeOperations(
  { spec, specPath }: Workload,
  { volume }: StorageIdentity,
): PatchOperation[] {
  return entryOperations([...specPath, 'volumes'], spec['volumes'], {
    wanted: volume,
    isOurs: isIdentityVolume,
    isRight: (entry) => isIdentityVolume(entry) && coversContent(entry, volume),
  });
}

/** Variables and mount of one container. */
export function containerOperations(
  { value, path }: Container,
  wanted: StorageIdentity,
): PatchOperation[] {
  const operations = variableOperations(path.concat('env'), value['env'], wanted);
  const mounts = entryOperations(path.concat('volumeMounts'), value['volumeMounts'], {
    wanted: wanted.mount,
    isOurs: isIdentityMount,
    isRight: (entry) => isInjectedMount(entry, wanted.mount),
  });
  operations.push(...mounts);
  return operations;
}

/**
 * A name that is set twice is corrected twice: the later entry wins in the container. An entry with the
 * same effect, and the author's own choice, are left as they are.
 */
function variableOperations(
  path: FieldPath,
  present: unknown,
  wanted: StorageIdentity,
): PatchOperation[] {
  const { variables } = wanted;
  if (!Array.isArray(present)) return [add(path, variables)];
  const operations: PatchOperation[] = [];
  const found = new Set<Variable>();
  present.forEach((entry: unknown, index) => {
    const name = isRecord(entry) ? entry['name'] : undefined;
    const variable = variables.find((one) => one.name === name);
    if (variable === undefined) return;
    found.add(variable);
    if (compareVariable(entry, variable, wanted) === 'contradiction') {
      operations.push(replace([...path, index], variable));
    }
  });
  const missing = found.size === 0 ? variables : variables.filter((one) => !found.has(one));
  operations.push(...appendAll(path, missing));
  return operations;
}

/** For one entry of a list: nothing when it is right, a correction when it is wrong, or an addition. */
function entryOperations(
  path: FieldPath,
  present: unknown,
  {
    wanted,
    isOurs,
    isRight,
  }: {
    readonly wanted: object;
    readonly isOurs: (entry: unknown) => boolean;
    readonly isRight: (entry: unknown) => boolean;
  },
): PatchOperation[] {
  if (!Array.isArray(present)) return [add(path, [wanted])];
  if (present.some(isRight)) return [];
  const index = present.findIndex(isOurs);
  return [index === -1 ? append(path, wanted) : replace([...path, index], wanted)];
}
