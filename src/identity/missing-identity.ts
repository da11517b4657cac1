import { listOf, ownValue, recordOf } from '../admission/json.ts';
import { identityAnnotations, identityVolume } from '../names.ts';
import type { Container } from '../objects/workload/containers.ts';
import type { Workload } from '../objects/workload/pod-template.ts';
import { isIdentityVolume, isInjectedMount } from './identity-parts.ts';
import type { IdentityProblem } from './identity-problem.ts';
import type { StorageIdentity } from './storage-identity.ts';

/**
 * What is missing in a pod that must carry an identity. Only `containers` are checked: those of the mesh
 * need none.
 */
export function findMissingIdentity(
  workload: Workload,
  wanted: StorageIdentity,
  containers: readonly Container[],
): IdentityProblem[] {
  const lacking = lackingFromPod(workload);
  if (lacking.length > 0) return [absence(workload, lacking)];
  const bare = containers.filter((container) => !isComplete(container, wanted));
  return bare.map(({ name, path }) => ({
    path,
    value: name,
    reason: `container "${name}" came after injection and has no storage identity`,
    // A container that another webhook added works without the store, or is completed on reinvocation.
    // When no container has the identity, something removed it.
    ...(bare.length < containers.length && { limit: 'Warn' as const }),
  }));
}

function lackingFromPod({ spec, metadata }: Workload): string[] {
  const found = recordOf(metadata['annotations']);
  const lacking: string[] = identityAnnotations.filter((key) => ownValue(found, key) === undefined);
  const hasVolume = listOf(spec['volumes']).some(isIdentityVolume);
  return hasVolume ? lacking : [...lacking, `volume "${identityVolume.name}"`];
}

function absence({ metadataPath }: Workload, lacking: readonly string[]): IdentityProblem {
  const isWhole = lacking.length === identityAnnotations.length + 1;
  return {
    path: metadataPath,
    value: 'absent',
    reason: isWhole
      ? 'the storage identity was not injected'
      : `parts of the storage identity are missing: ${lacking.join(', ')}`,
    fix: 'Create the pod again: the mutating webhook did not see it, or another webhook removed what it added',
  };
}

function isComplete({ value }: Container, wanted: StorageIdentity): boolean {
  const names = new Set(listOf(value['env']).map((entry) => recordOf(entry)['name']));
  return (
    wanted.variables.every(({ name }) => names.has(name)) &&
    listOf(value['volumeMounts']).some((mount) => isInjectedMount(mount, wanted.mount))
  );
}
