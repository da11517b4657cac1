import { isPlausibleBucketName } from '../../bucket/bucket-name.ts';
import { hasVariable } from '../../bucket/bucket-uri.ts';

/** A bucket named somewhere, or the certainty that one is named which cannot be read here. */
export type NamedBucket =
  | {
      readonly kind: 'known';
      readonly bucket: string;
      readonly key: string;
      readonly isOpenKey: boolean;
    }
  | { readonly kind: 'unknown' };

/**
 * What usage texts write where a bucket would be. Capitals cannot be in a declared name, so none of these
 * ever belongs to a tenant.
 */
const placeholders: ReadonlySet<string> = new Set(
  [
    'NAME',
    'BUCKET',
    'BUCKETNAME',
    'BUCKET_NAME',
    'MY_BUCKET',
    'YOUR_BUCKET',
    'YOUR_BUCKET_NAME',
  ].flatMap((name) => [name, name.replaceAll('_', '-')]),
);

/** A bucket with an optional key: "ledger", "ledger/2027/x". Undefined when it cannot be a bucket. */
export function bucketOfPath(path: string): NamedBucket | undefined {
  const slash = path.indexOf('/');
  const bucket = slash === -1 ? path : path.slice(0, slash);
  return nameBucket(bucket, slash === -1 ? '' : path.slice(slash + 1));
}

/** Pairs a bucket with the literal part of its key. */
export function nameBucket(written: string, key: string): NamedBucket | undefined {
  if (hasVariable(written)) return { kind: 'unknown' };
  // A dot at the end is that of a sentence: no bucket ends in one.
  const bucket = /^[^.].{0,254}$/.test(written) ? written.replace(/\.+$/, '') : written;
  if (!isPlausibleBucketName(bucket) || placeholders.has(bucket)) return undefined;
  const open = key.search(/[$*{?]/);
  if (open === -1) return { kind: 'known', bucket, key, isOpenKey: false };
  return { kind: 'known', bucket, key: key.slice(0, open), isOpenKey: true };
}
