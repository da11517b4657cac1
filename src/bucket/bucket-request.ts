import { accessOfSuffix, type Access } from './access.ts';
import { isPlausibleBucketName } from './bucket-name.ts';

/** One entry of the `bucketwarden.io/buckets` annotation. */
export interface BucketRequest {
  readonly bucket: string;
  readonly access: Access;
}

/**
 * Reads "payments-ledger:rw, analytics-reports". Entries that cannot be read come back as they were
 * written: a typing error must be reported, not taken for "no bucket".
 */
export function parseBucketRequests(text: string): {
  readonly requests: readonly BucketRequest[];
  readonly unreadable: readonly string[];
} {
  const requests: BucketRequest[] = [];
  const unreadable: string[] = [];
  for (const written of text.split(',')) {
    const entry = written.trim();
    if (entry === '') continue;
    const request = parseEntry(entry);
    if (request) requests.push(request);
    else unreadable.push(entry);
  }
  return { requests, unreadable };
}

function parseEntry(entry: string): BucketRequest | undefined {
  const colon = entry.lastIndexOf(':');
  const bucket = colon === -1 ? entry : entry.slice(0, colon);
  const access = colon === -1 ? 'ReadOnly' : accessOfSuffix(entry.slice(colon + 1));
  return access !== undefined && isPlausibleBucketName(bucket) ? { bucket, access } : undefined;
}
