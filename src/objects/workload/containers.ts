import type { FieldPath } from '../../admission/field-path.ts';
import { isRecord, listOf, type JsonRecord } from '../../admission/json.ts';
import type { Workload } from './pod-template.ts';

export const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;
export type ContainerList = (typeof containerLists)[number];

/** One container of a workload and where it stands. */
export interface Container {
  readonly list: ContainerList;
  readonly path: FieldPath;
  readonly value: JsonRecord;
  readonly name: string;
}

/** Every container of the given lists, in order; entries that are no objects are left out. */
export function containersOf(
  { spec, specPath }: Workload,
  lists: readonly ContainerList[] = containerLists,
): Container[] {
  const containers: Container[] = [];
  for (const list of lists) {
    listOf(spec[list]).forEach((value, index) => {
      if (!isRecord(value)) return;
      const { name } = value;
      containers.push({
        list,
        path: specPath.concat(list, index),
        value,
        name: typeof name === 'string' ? name : '',
      });
    });
  }
  return containers;
}
