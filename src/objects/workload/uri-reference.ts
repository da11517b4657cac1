import { posix } from 'node:path';
import type { BucketUri } from '../../bucket/bucket-uri.ts';
import { decodePercent } from '../../bucket/decode-percent.ts';
import type { Settings } from '../../settings/settings.ts';
import { isPodOfStore, readStoreHost } from '../../settings/storage-names.ts';
import { bucketOfPath, nameBucket, type NamedBucket } from './named-bucket.ts';

/** The buckets that a URI names, at our store or by an S3 scheme: none, one, or two where it is unclear. */
export function bucketsOfUri(uri: BucketUri, settings: Settings): NamedBucket[] {
  if (settings.detection.schemes.has(uri.scheme)) return bucketsOfS3Uri(uri, settings);
  return bucketsAtEndpoint(uri, settings);
}

/**
 * Four dialects: `s3://bucket/key`, `s3://user:key@endpoint/bucket` and `s3://user:key@region/bucket`
 * (Loki, Cortex), `s3://bucket@region/key` (Longhorn). A port, or the store's name, means an endpoint.
 */
function bucketsOfS3Uri(uri: BucketUri, settings: Settings): NamedBucket[] {
  const { port, userInfo, path } = uri;
  const host = decodePercent(uri.host);
  if ((port ?? '') !== '' || readStoreHost(settings.storage, host) !== undefined) {
    return bucketsAtEndpoint(uri, settings);
  }
  if (userInfo !== undefined && isRegion(host, settings)) {
    return present(
      userInfo.includes(':') ? bucketOfPath(decodePercent(path)) : nameBucket(userInfo, path),
    );
  }
  return present(nameBucket(host, path));
}

/** Buckets of a URL that leads to one of the store's API endpoints; its path is as written. */
export function bucketsAtEndpoint(
  { host, port, path: written }: Pick<BucketUri, 'host' | 'port' | 'path'>,
  { storage }: Settings,
): NamedBucket[] {
  // "09000" is port 9000; another port is another service, such as the console.
  if (port !== undefined && port !== '' && !storage.ports.has(port.replace(/^0+/, ''))) return [];
  const store = readStoreHost(storage, host);
  if (store === undefined) return [];
  const path = resolveBucket(decodePercent(written).replace(/^\/+/, ''));
  // MinIO reserves the name "minio" for what is its own: /minio/health/live and the like.
  if (store.kind === 'store') return startsWith(path, 'minio') ? [] : present(bucketOfPath(path));
  const { bucket } = store;
  if (bucket === 'console' && isConsolePath(path)) return [];
  if (!isPodOfStore(storage, { bucket, host })) return present(nameBucket(bucket, path));
  if (path === '' || isServerPath(path)) return [];
  return [...present(bucketOfPath(path)), ...present(nameBucket(bucket, path))];
}

/** Routes of MinIO's own API (cmd/routers.go, "/minio/…"). */
const serverPaths = ['admin', 'bootstrap', 'grid', 'health', 'lock', 'metrics', 'peer'].concat([
  'prometheus',
  'storage',
  'v2',
]);

function isServerPath(path: string): boolean {
  return serverPaths.some((name) => startsWith(path, `minio/${name}`));
}

/** Routes of MinIO's console, which is often published beside the store's name. */
const consolePaths = ['api', 'browser', 'buckets', 'login', 'oauth_callback', 'static', 'ws'];

function isConsolePath(path: string): boolean {
  return path === '' || consolePaths.some((name) => startsWith(path, name));
}

function startsWith(path: string, segments: string): boolean {
  return path === segments || path.startsWith(`${segments}/`);
}

function present(named: NamedBucket | undefined): NamedBucket[] {
  return named === undefined ? [] : [named];
}

function isRegion(host: string, { config }: Settings): boolean {
  return host === config.storage.region || /^[a-z]{2}(-[a-z]+)+-\d$/.test(host);
}

/**
 * HTTP clients take "own/../foreign/key" for "foreign/key". A key is left as it was written: what dots
 * in it mean is not agreed upon.
 */
function resolveBucket(path: string): string {
  if (!/(?:^|\/)\.\.?(?:\/|$)/.test(path)) return path;
  const resolved = posix.normalize(`/${path}`).slice(1);
  return firstSegment(resolved) === firstSegment(path) ? path : resolved;
}

function firstSegment(path: string): string {
  return path.split('/', 1)[0] ?? '';
}
