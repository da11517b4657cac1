import { posix } from 'node:path';
import { isPlausibleBucketName } from '../../bucket/bucket-name.ts';
import { findUris, hasVariable, type BucketUri } from '../../bucket/bucket-uri.ts';
import type { Settings } from '../../settings/settings.ts';
import { isStorageHost, virtualHostedBucket } from '../../settings/storage-names.ts';

/** A bucket named somewhere, or the certainty that one is named which cannot be read here. */
export type NamedBucket =
  | {
      readonly kind: 'known';
      readonly bucket: string;
      readonly key: string;
      readonly isOpenKey: boolean;
    }
  | { readonly kind: 'unknown' };

/** A URL of one of these names a bucket when it leads to the store. */
const webSchemes: ReadonlySet<string> = new Set(['http', 'https']);

/** Every bucket that URIs in a text name, at our store or by an S3 scheme. */
export function bucketsInText(text: string, settings: Settings): NamedBucket[] {
  const { schemes } = settings.detection;
  const isWanted = (scheme: string): boolean => webSchemes.has(scheme) || schemes.has(scheme);
  return findUris(text, isWanted).flatMap((uri) => bucketOfUri(uri, settings) ?? []);
}

/** A bucket with an optional key: "ledger", "ledger/2027/x". Undefined when it cannot be a bucket. */
export function bucketOfPath(path: string): NamedBucket | undefined {
  const slash = path.indexOf('/');
  const bucket = slash === -1 ? path : path.slice(0, slash);
  return nameBucket(bucket, slash === -1 ? '' : path.slice(slash + 1));
}

/** Pairs a bucket with the literal part of its key. */
function nameBucket(bucket: string, key: string): NamedBucket | undefined {
  if (hasVariable(bucket)) return { kind: 'unknown' };
  if (!isPlausibleBucketName(bucket)) return undefined;
  const open = key.search(/[$*{?]/);
  if (open === -1) return { kind: 'known', bucket, key, isOpenKey: false };
  return { kind: 'known', bucket, key: key.slice(0, open), isOpenKey: true };
}

function bucketOfUri(uri: BucketUri, settings: Settings): NamedBucket | undefined {
  if (settings.detection.schemes.has(uri.scheme)) return bucketOfS3Uri(uri, settings);
  return bucketAtEndpoint({ ...uri, path: resolveBucket(decode(uri.path)) }, settings);
}

/**
 * Four dialects: `s3://bucket/key`, `s3://user:key@endpoint/bucket` and `s3://user:key@region/bucket`
 * (Loki, Cortex), `s3://bucket@region/key` (Longhorn). A port, or the store's name, means an endpoint.
 */
function bucketOfS3Uri(uri: BucketUri, settings: Settings): NamedBucket | undefined {
  const { host, port, userInfo, path } = uri;
  if ((port ?? '') !== '' || isStorageHost(settings.storage, host)) {
    return bucketAtEndpoint(uri, settings);
  }
  const virtual = virtualHostedBucket(settings.storage, host);
  if (virtual !== undefined) return nameBucket(virtual, path);
  if (userInfo !== undefined && isRegion(host, settings)) {
    return userInfo.includes(':') ? bucketOfPath(path) : nameBucket(userInfo, path);
  }
  return nameBucket(host, path);
}

function bucketAtEndpoint(
  { host, port, path }: BucketUri,
  { storage }: Settings,
): NamedBucket | undefined {
  // "09000" is port 9000.
  if (port !== undefined && port !== '' && !storage.ports.has(port.replace(/^0+/, ''))) {
    return undefined;
  }
  const virtual = virtualHostedBucket(storage, host);
  if (virtual !== undefined) return nameBucket(virtual, path);
  if (!isStorageHost(storage, host)) return undefined;
  // /minio/health/live and the like are the server's own; MinIO reserves the name.
  return path === 'minio' || path.startsWith('minio/') ? undefined : bucketOfPath(path);
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

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
