import { recordOf, textOf, type JsonRecord } from '../admission/json.ts';
import type { Cluster } from './cluster.ts';
import { ClusterError } from './cluster-error.ts';
import { acceptFor, nameOf, versionOf, type ObjectSet } from './list-objects.ts';

/** What a watch tells: an object as it is now, the name of one that is gone, or only how far it has got. */
export type WatchEvent =
  | { readonly kind: 'set'; readonly object: JsonRecord; readonly version: string }
  | { readonly kind: 'deleted'; readonly name: string; readonly version: string }
  | { readonly kind: 'bookmark'; readonly version: string };

/**
 * What happens after `version`, until the API server ends the watch.
 * @throws ClusterError when it breaks off; with status 410 when `version` is too old
 */
export async function* watchObjects(
  cluster: Cluster,
  { path, metadataOnly, labelSelector }: ObjectSet,
  {
    version,
    seconds,
    signal,
  }: { readonly version: string; readonly seconds: number; readonly signal: AbortSignal },
): AsyncGenerator<WatchEvent> {
  const lines = cluster.follow({
    path,
    query: {
      watch: true,
      allowWatchBookmarks: true,
      timeoutSeconds: seconds,
      resourceVersion: version,
      ...(labelSelector !== undefined && { labelSelector }),
    },
    accept: acceptFor('PartialObjectMetadata', metadataOnly),
    signal,
  });
  for await (const { type, object } of lines) yield decodeEvent(type, recordOf(object));
}

function decodeEvent(type: unknown, object: JsonRecord): WatchEvent {
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { kind: 'set', object, version: versionOf(object) };
    case 'DELETED':
      return { kind: 'deleted', name: nameOf(object), version: versionOf(object) };
    case 'BOOKMARK':
      return { kind: 'bookmark', version: versionOf(object) };
    case 'ERROR':
      throw failedWatch(object);
    default:
      throw new ClusterError(`an event has the unknown type "${String(type)}"`);
  }
}

function failedWatch(status: JsonRecord): ClusterError {
  const code = Number(status['code']);
  return new ClusterError(`the watch failed: ${textOf(status['message']) ?? 'no reason given'}`, {
    ...(Number.isInteger(code) && { status: code }),
  });
}
