/**
 * What AWS and MinIO both accept for a new bucket (AWS "General purpose bucket naming rules", MinIO
 * cmd/object-api-utils.go): 3 to 63 of a-z, 0-9, "-" and ".", starting and ending with a letter or
 * digit, labels without edge hyphens. One pattern for the schema and for the code.
 */
export const bucketNamePattern = '[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*';

const strict = new RegExp(`^${bucketNamePattern}$`);
const reservedPrefixes = ['xn--', 'sthree-', 'amzn-s3-demo-'];
const reservedSuffixes = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'];

/** Why a bucket of this name cannot be declared; undefined when it can. */
export function bucketNameProblem(name: string): string | undefined {
  if (name.length < 3 || name.length > 63) return 'must have 3 to 63 characters';
  if (!strict.test(name)) {
    return 'must be lower-case letters, digits, "-" and ".", starting and ending with a letter or digit';
  }
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return 'must not look like an IPv4 address';
  if (name === 'minio') return 'is reserved by MinIO';
  const reserved =
    reservedPrefixes.find((prefix) => name.startsWith(prefix)) ??
    reservedSuffixes.find((suffix) => name.endsWith(suffix));
  return reserved === undefined ? undefined : `"${reserved}" is reserved by AWS`;
}

/**
 * True for anything that some store may have as a bucket, old upper-case names included. Detection
 * is lenient where declaration is strict: a name we would not create may still be asked for.
 */
export function isPlausibleBucketName(text: string): boolean {
  return text.length >= 3 && text.length <= 255 && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text);
}
