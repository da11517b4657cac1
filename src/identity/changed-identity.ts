import { listOf, ownValue, recordOf, textOf, type JsonRecord } from '../admission/json.ts';
import { annotations, identityAnnotations } from '../names.ts';
import { containersOf, type Container } from '../objects/workload/containers.ts';
import type { Workload } from '../objects/workload/pod-template.ts';
import { quoted, valueText, type IdentityProblem } from './identity-problem.ts';
import type { PodIdentity } from './pod-identity.ts';
import { findWrongContent } from './wrong-identity.ts';

/**
 * What an UPDATE did to a pod's identity. The pod is compared with the old object and not verified again:
 * keys and declarations may have changed since, and the pod keeps the identity it was admitted with.
 */
export function findChangedIdentity(
  workload: Workload,
  oldObject: JsonRecord,
  { accepted: [wanted], mayCarry }: Pick<PodIdentity, 'accepted' | 'mayCarry'>,
): IdentityProblem[] {
  return [
    ...changedAnnotations(workload, oldObject),
    ...newContainers(workload, oldObject).flatMap((one) => findWrongContent(one, wanted, mayCarry)),
  ];
}

function changedAnnotations(workload: Workload, oldObject: JsonRecord): IdentityProblem[] {
  const before = recordOf(recordOf(oldObject['metadata'])['annotations']);
  const after = recordOf(workload.metadata['annotations']);
  return [...identityAnnotations, annotations.grantedBuckets].flatMap((key) => {
    const [old, current] = [ownValue(before, key), ownValue(after, key)];
    if (old === current) return [];
    const reason = `was ${quoted(old)} and cannot be changed to ${quoted(current)}`;
    const path = [...workload.metadataPath, 'annotations', key];
    return [{ path, value: valueText(current), reason }];
  });
}

/** Nothing is injected into ephemeral containers, but they may not bring a wrong identity either. */
function newContainers(workload: Workload, oldObject: JsonRecord): Container[] {
  const old = new Set(
    listOf(recordOf(oldObject['spec'])['ephemeralContainers']).map((one) =>
      textOf(recordOf(one)['name']),
    ),
  );
  return containersOf(workload, ['ephemeralContainers']).filter(({ name }) => !old.has(name));
}
