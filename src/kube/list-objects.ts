import { listOf, recordOf, textOf, type JsonRecord } from '../admission/json.ts';
import { limits } from '../limits.ts';
import type { Cluster } from './cluster.ts';
import { ClusterError } from './cluster-error.ts';

/** All objects of a cluster-scoped resource. */
export interface ObjectSet {
  /** Of the resource: "/api/v1/namespaces". */
  readonly path: string;
  /** Asks for names, labels and annotations only, which spares both sides the rest. */
  readonly metadataOnly?: boolean;
  readonly labelSelector?: string;
}

/**
 * Hands every object to `take`, page by page, and returns the version of the whole. No version is
 * asked for, so that the answer is as new as etcd and not as some cache.
 * @throws ClusterError when a page does not come
 */
export async function listObjects(
  cluster: Cluster,
  { path, metadataOnly, labelSelector }: ObjectSet,
  { take, signal }: { readonly take: (object: JsonRecord) => void; readonly signal?: AbortSignal },
): Promise<string> {
  let rest = '';
  for (;;) {
    const page = await cluster.ask({
      path,
      query: {
        limit: limits.listPageSize,
        ...(labelSelector !== undefined && { labelSelector }),
        ...(rest !== '' && { continue: rest }),
      },
      accept: acceptFor('PartialObjectMetadataList', metadataOnly),
      ...(signal && { signal }),
    });
    for (const item of listOf(page['items'])) take(recordOf(item));
    rest = textOf(recordOf(page['metadata'])['continue']) ?? '';
    if (rest === '') return versionOf(page);
  }
}

/** The Accept header for whole objects or for their metadata. */
export function acceptFor(kind: string, metadataOnly = false): string {
  return metadataOnly ? `application/json;as=${kind};g=meta.k8s.io;v=v1` : 'application/json';
}

/** metadata.name, without which an object cannot be kept. */
export function nameOf(object: JsonRecord): string {
  const name = textOf(recordOf(object['metadata'])['name']);
  if (name === undefined) throw new ClusterError('an object has no name');
  return name;
}

/** metadata.resourceVersion of an object or a list. */
export function versionOf(object: JsonRecord): string {
  const version = textOf(recordOf(object['metadata'])['resourceVersion']);
  if (version === undefined) throw new ClusterError('an answer has no resourceVersion');
  return version;
}
