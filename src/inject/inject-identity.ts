import type { FieldPath } from '../admission/field-path.ts';
import { add, append, replace, type PatchOperation } from '../admission/json-patch.ts';
import { isRecord, listOf, ownValue } from '../admission/json.ts';
import type { StorageIdentity, Variable } from '../identity/storage-identity.ts';
import { annotations, identityVolume } from '../names.ts';
import { containersOf, type Container } from '../workload/containers.ts';
import { coversContent } from '../workload/covers-content.ts';
import { meshContainerTest } from '../workload/mesh-containers.ts';
import type { Workload } from '../workload/pod-template.ts';
import { grantedBuckets } from './granted-buckets.ts';
import type { Mutation, MutationInput } from './mutation.ts';

/**
 * Patches by path on the raw object: whole lists are never replaced, so fields newer than this code
 * (native sidecars' `restartPolicy` was one) survive. A value of the user's own that contradicts the
 * identity stays and is denied by /validate; only what we injected before is overwritten.
 */
export const injectIdentity: Mutation = {
  id: 'inject-identity',
  title: 'Pods of a tenant carry the storage identity of their service account',
  match: [{ group: '', resources: ['pods'], operations: ['CREATE'] }],
  mutate(input) {
    const { workload, identity } = input.rules;
    if (workload === undefined || !identity?.isDemanded) return [];
    const [wanted] = identity.accepted;
    const target = { workload, wanted, mayOverwrite: identity.verdict.kind === 'signed' };
    const isMesh = meshContainerTest(workload, input.rules.settings.config.mesh.proxyImages);
    const containers = containersOf(workload, ['initContainers', 'containers']);
    return [
      ...annotationOperations(target, input),
      ...volumeOperations(target),
      ...containers
        .filter((one) => !isMesh(one))
        .flatMap((one) => containerOperations(one, target)),
    ];
  },
};

interface Target {
  readonly workload: Workload;
  readonly wanted: StorageIdentity;
  /** The pod carries our signature: what stands under our names is ours to correct. */
  readonly mayOverwrite: boolean;
}

function annotationOperations(
  { workload, wanted, mayOverwrite }: Target,
  { rules, attestation }: MutationInput,
): PatchOperation[] {
  const path = [...workload.metadataPath, 'annotations'];
  const granted = grantedBuckets(rules);
  const all: [string, string][] = Object.entries(wanted.annotations);
  if (attestation !== undefined) all.push([annotations.attestation, attestation]);
  if (granted !== '') all.push([annotations.grantedBuckets, granted]);
  const present = workload.metadata['annotations'];
  if (!isRecord(present)) return [add(path, Object.fromEntries(all))];
  return all.flatMap(([key, value]) => {
    const found = ownValue(present, key);
    if (found === undefined) return [add([...path, key], value)];
    return found !== value && mayOverwrite ? [replace([...path, key], value)] : [];
  });
}

function volumeOperations({ workload, wanted, mayOverwrite }: Target): PatchOperation[] {
  const path = [...workload.specPath, 'volumes'];
  const present = workload.spec['volumes'];
  return mergeEntry({ path, present, wanted: wanted.volume, mayOverwrite, isSame: hasVolumeName });
}

function containerOperations(container: Container, target: Target): PatchOperation[] {
  const { path, value } = container;
  return [
    ...variableOperations(container, target),
    ...mergeEntry({
      path: [...path, 'volumeMounts'],
      present: value['volumeMounts'],
      wanted: target.wanted.mount,
      mayOverwrite: target.mayOverwrite,
      isSame: hasVolumeName,
    }),
  ];
}

function variableOperations(
  { path, value }: Container,
  { wanted, mayOverwrite }: Target,
): PatchOperation[] {
  const envPath = [...path, 'env'];
  const present = value['env'];
  if (!Array.isArray(present)) return [add(envPath, wanted.variables)];
  return wanted.variables.flatMap((variable) =>
    mergeVariable(variable, { path: envPath, present, mayOverwrite }),
  );
}

function mergeVariable(
  variable: Variable,
  {
    path,
    present,
    mayOverwrite,
  }: { path: FieldPath; present: readonly unknown[]; mayOverwrite: boolean },
): PatchOperation[] {
  const places = present.flatMap((entry, index) =>
    isRecord(entry) && entry['name'] === variable.name ? [{ entry, index }] : [],
  );
  if (places.length === 0) return [append(path, variable)];
  if (!mayOverwrite) return [];
  return places
    .filter(({ entry }) => entry['value'] !== variable.value || entry['valueFrom'] !== undefined)
    .map(({ index }) => replace([...path, index], variable));
}

/** Adds an entry to a list that is recognised by name, or corrects it where we may. */
function mergeEntry(given: {
  readonly path: FieldPath;
  readonly present: unknown;
  readonly wanted: object;
  readonly mayOverwrite: boolean;
  readonly isSame: (entry: unknown) => boolean;
}): PatchOperation[] {
  const { path, present, wanted, mayOverwrite, isSame } = given;
  if (!Array.isArray(present)) return [add(path, [wanted])];
  const index = listOf(present).findIndex(isSame);
  if (index === -1) return [append(path, wanted)];
  const isRight = coversContent(present[index], wanted);
  return !isRight && mayOverwrite ? [replace([...path, index], wanted)] : [];
}

function hasVolumeName(entry: unknown): boolean {
  return isRecord(entry) && entry['name'] === identityVolume.name;
}
