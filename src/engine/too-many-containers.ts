import { isDeepStrictEqual } from 'node:util';
import { formatPath } from '../admission/field-path.ts';
import { listOf } from '../admission/json.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import { limits } from '../limits.ts';
import { containerLists } from '../objects/workload/containers.ts';
import { findWorkload, type Workload } from '../objects/workload/pod-template.ts';
import { nameOf } from './context.ts';
import { allowed, refusal, type Decision } from './decide.ts';
import type { PolicyState } from './state.ts';

/**
 * The decision on a pod or template with more containers than any real one has; undefined for all
 * others, which the rules judge. Each container gets variables and a mount of its own, so half a megabyte
 * of them would become a patch of twenty.
 */
export function decideTooManyContainers(
  request: AdmissionRequest,
  { settings }: PolicyState,
): Decision | undefined {
  const { object, oldObject, kind, namespace } = request;
  const { podSpecPaths } = settings.detection;
  const workload = object && findWorkload(object, kind, podSpecPaths);
  if (workload === undefined) return undefined;
  const count = containerCount(workload);
  if (count <= limits.maxContainers) return undefined;
  // What is in the cluster already must be able to lose its finalizers.
  if (oldObject && isUnchanged(workload, findWorkload(oldObject, kind, podSpecPaths))) {
    return allowed;
  }
  return refusal(
    `${kind.kind} "${namespace}/${nameOf(request)}": ${formatPath(workload.specPath)}: ` +
      `has ${count} containers (all lists together); at most ${limits.maxContainers} are allowed. ` +
      'Divide them among several pods',
  );
}

function containerCount({ spec }: Workload): number {
  return containerLists.reduce((sum, list) => sum + listOf(spec[list]).length, 0);
}

/** True when nothing that a rule looks at has changed. */
function isUnchanged({ spec, metadata }: Workload, before: Workload | undefined): boolean {
  return (
    isDeepStrictEqual(spec, before?.spec) &&
    isDeepStrictEqual(metadata['annotations'], before?.metadata['annotations']) &&
    isDeepStrictEqual(metadata['labels'], before?.metadata['labels'])
  );
}
