/** Read by an SDK or client before web identity (docs of each SDK; AWS "credential provider chain"). */
const keyVariables = [
  'AWS_ACCESS_KEY_ID',
  'AWS_ACCESS_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SECRET_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'MINIO_ACCESS_KEY',
  'MINIO_SECRET_KEY',
  'MINIO_ROOT_USER',
  'MINIO_ROOT_PASSWORD',
  'S3_ACCESS_KEY',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_KEY',
  'S3_SECRET_ACCESS_KEY',
];

const profileVariables = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'];
const fileVariables = ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE', 'AWS_CREDENTIAL_FILE'];

const rcloneVariable = String.raw`RCLONE_(?:S3|CONFIG_\w{1,64})_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)`;
const isRcloneVariable = new RegExp(`^${rcloneVariable}$`);

/** The source of a pattern for all names that `describeVariable` knows. */
export const credentialVariablePattern = [
  ...keyVariables,
  ...profileVariables,
  ...fileVariables,
  String.raw`MC_HOST_\w{1,64}`,
  rcloneVariable,
].join('|');

const isKey: ReadonlySet<string> = new Set(keyVariables);
const isProfile: ReadonlySet<string> = new Set(profileVariables);
const isFile: ReadonlySet<string> = new Set(fileVariables);

/** More than any of these names has; what is longer is cut, because capitals of a mebibyte take long. */
const maxNameCharacters = 256;

/**
 * What a variable does to credentials; undefined when nothing. Names are accepted in any case.
 * @param value undefined where it is not known, which is taken for the worst
 */
export function describeVariable(written: string, value?: string): string | undefined {
  const name = written.slice(0, maxNameCharacters).toUpperCase();
  if (isKey.has(name)) return 'is a static credential';
  if (name.startsWith('MC_HOST_')) {
    return mayHoldKeys(value) ? 'holds static credentials for mc' : undefined;
  }
  if (isProfile.has(name) || isFile.has(name)) {
    // SDKs ignore an empty one; manifests set it to undo what the image sets.
    const isUndone = value === '' || (value === '/dev/null' && isFile.has(name));
    return isUndone ? undefined : 'makes SDKs read credentials from a file first';
  }
  if (name.startsWith('RCLONE_') && isRcloneVariable.test(name)) {
    return 'is a static credential for rclone';
  }
  return undefined;
}

/** mc takes everything up to the last "@" for keys, slashes included, if there is a colon in it. */
function mayHoldKeys(url: string | undefined): boolean {
  if (url === undefined || url.includes('$') || url.includes('`')) return true;
  const start = url.indexOf('://');
  const colon = url.indexOf(':', start === -1 ? 0 : start + 3);
  return colon !== -1 && url.includes('@', colon);
}
