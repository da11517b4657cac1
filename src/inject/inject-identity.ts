import { add, replace, type PatchOperation } from '../admission/json-patch.ts';
import { isRecord, ownValue } from '../admission/json.ts';
import { isContradiction } from '../identity/identity-problem.ts';
import { sameAccount, type PodIdentity } from '../identity/pod-identity.ts';
import type { StorageIdentity } from '../identity/storage-identity.ts';
import { findWrongIdentity } from '../identity/wrong-identity.ts';
import { annotations } from '../names.ts';
import { containersOf } from '../objects/workload/containers.ts';
import { meshContainerTest } from '../objects/workload/mesh-containers.ts';
import type { Workload } from '../objects/workload/pod-template.ts';
import { grantedBuckets } from './granted-buckets.ts';
import { containerOperations, volumeOperations } from './identity-operations.ts';
import type { Mutation, MutationInput } from './mutation.ts';

/**
 * Patches by path on the raw object: whole lists are never replaced, so fields newer than this code
 * (native sidecars' `restartPolicy` was one) survive. A pod that contradicts the identity is left as it
 * is and denied by /validate; only what we injected before is overwritten.
 */
export const injectIdentity: Mutation = {
  id: 'inject-identity',
  title: 'Pods of a tenant carry the storage identity of their service account',
  match: [{ group: '', resources: ['pods'], operations: ['CREATE'] }],
  mutate(input) {
    const { workload, identity } = input.review;
    if (workload === undefined || !identity?.mustCarry) return [];
    const [wanted] = identity.accepted;
    const parts = partOperations(input, { workload, wanted });
    // The pod carries our signature, so whatever has our names is ours to correct.
    const isOurs = identity.verdict.kind === 'signed';
    const isContradicted = parts.some(isCorrection) || hasOtherAnnotations(workload, wanted);
    // Were it signed beside a contradiction, the next invocation would take that for our own.
    if (!isOurs && (isContradicted || isForged(workload, identity))) return [];
    return [...annotationOperations(input, { workload, wanted }), ...parts];
  },
};

/**
 * An attestation by an unknown key that states what we would state ourselves is not a forgery: the pod
 * comes from a backup or another cluster. A new one gives away nothing that a pod without any would not
 * get.
 */
function isForged(workload: Workload, { verdict, accepted: [wanted] }: PodIdentity): boolean {
  if (verdict.kind !== 'unknown-key') return verdict.kind === 'forged';
  if (!sameAccount(verdict.claims, wanted.claims)) return true;
  const unsigned = { verdict: { kind: 'absent' }, mayCarry: true } as const;
  return findWrongIdentity(workload, wanted, unsigned).some(isContradiction);
}

interface Target {
  readonly workload: Workload;
  readonly wanted: StorageIdentity;
}

function partOperations({ review }: MutationInput, { workload, wanted }: Target): PatchOperation[] {
  const isMesh = meshContainerTest(workload, review.world.settings.config.mesh.proxyImages);
  const operations = volumeOperations(workload, wanted);
  for (const container of containersOf(workload, ['initContainers', 'containers'])) {
    if (!isMesh(container)) operations.push(...containerOperations(container, wanted));
  }
  return operations;
}

function annotationOperations(
  { review, attestation }: MutationInput,
  { workload, wanted }: Target,
): PatchOperation[] {
  const path = [...workload.metadataPath, 'annotations'];
  const granted = grantedBuckets(review);
  const all = Object.entries(wanted.annotations);
  if (attestation !== undefined) all.push([annotations.attestation, attestation]);
  if (granted !== '') all.push([annotations.grantedBuckets, granted]);
  const present = workload.metadata['annotations'];
  if (!isRecord(present)) return [add(path, Object.fromEntries(all))];
  const operations: PatchOperation[] = [];
  for (const [key, value] of all) {
    const found = ownValue(present, key);
    if (found === value) continue;
    // The list of buckets is computed from the pod each time and never believed, whoever wrote it.
    const isAdded = found === undefined || key === annotations.grantedBuckets;
    operations.push(isAdded ? add([...path, key], value) : replace([...path, key], value));
  }
  return operations;
}

function hasOtherAnnotations({ metadata }: Workload, wanted: StorageIdentity): boolean {
  const present = metadata['annotations'];
  if (!isRecord(present)) return false;
  for (const key in wanted.annotations) {
    const found = ownValue(present, key);
    if (found !== undefined && found !== wanted.annotations[key]) return true;
  }
  return false;
}

/** Something under our names that is not what we inject. */
function isCorrection({ op }: PatchOperation): boolean {
  return op === 'replace';
}
