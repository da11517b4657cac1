import { isRecord, textOf, valueAt, type JsonRecord } from '../../admission/json.ts';
import { serviceAccountOf, type Workload } from './pod-template.ts';

const subscripted = /^metadata\.(annotations|labels)\['(.{1,320})'\]$/;

/**
 * What a variable's `valueFrom.fieldRef` will hold, as far as the object itself says; undefined for what
 * only the cluster knows, such as the node.
 */
export function readFieldReference(valueFrom: JsonRecord, workload: Workload): string | undefined {
  const path = textOf(valueAt(valueFrom, ['fieldRef', 'fieldPath']));
  if (path === undefined) return undefined;
  if (path === 'spec.serviceAccountName') return serviceAccountOf(workload);
  // Pods of a template get a name of their own.
  if (path === 'metadata.name')
    return workload.isPod ? nonEmpty(workload.metadata['name']) : undefined;
  if (path === 'metadata.namespace') return nonEmpty(workload.metadata['namespace']);
  const [, map = '', key = ''] = subscripted.exec(path) ?? [];
  if (map === '') return undefined;
  const values = workload.metadata[map];
  // The kubelet takes a missing key for an empty text.
  return isRecord(values) ? (textOf(valueAt(values, [key])) ?? '') : '';
}

function nonEmpty(value: unknown): string | undefined {
  return value === '' ? undefined : textOf(value);
}
