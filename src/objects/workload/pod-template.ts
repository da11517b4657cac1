import type { FieldPath } from '../../admission/field-path.ts';
import { isRecord, recordOf, valueAt, type JsonRecord } from '../../admission/json.ts';
import type { GroupVersionKind } from '../../admission/review.ts';
import { podSpecPathOf } from '../kinds.ts';

/** A pod, or the template some controller makes pods from. */
export interface Workload {
  /** True for a Pod itself, where everything is final. */
  readonly isPod: boolean;
  readonly spec: JsonRecord;
  readonly specPath: FieldPath;
  readonly metadata: JsonRecord;
  readonly metadataPath: FieldPath;
}

/**
 * The workload in an object; undefined for kinds without a pod spec. A kind that should have one but
 * has not comes back with an empty spec.
 * @param extraPaths the config's `detection.templates`, by "apiVersion/kind"
 */
export function findWorkload(
  object: JsonRecord,
  { group, version, kind }: GroupVersionKind,
  extraPaths: ReadonlyMap<string, readonly string[]>,
): Workload | undefined {
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const specPath = podSpecPathOf({ group, kind }) ?? extraPaths.get(`${apiVersion}/${kind}`);
  if (specPath === undefined) return undefined;
  const metadataPath = [...specPath.slice(0, -1), 'metadata'];
  return {
    isPod: group === '' && kind === 'Pod',
    spec: recordOf(valueAt(object, specPath)),
    specPath,
    metadata: recordOf(valueAt(object, metadataPath)),
    metadataPath,
  };
}

/** Account the pods run as. The API server fills `serviceAccountName`; old clients used the other. */
export function serviceAccountOf({ spec }: Workload): string {
  for (const field of ['serviceAccountName', 'serviceAccount']) {
    const name = spec[field];
    if (typeof name === 'string' && name !== '') return name;
  }
  return 'default';
}

/** Value of an annotation of the pods; undefined when absent or not a string. */
export function annotationOf({ metadata }: Workload, key: string): string | undefined {
  const all = metadata['annotations'];
  const value = isRecord(all) && Object.hasOwn(all, key) ? all[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}
