/** A static credential in a text: what it is, never its value. */
export interface StaticKey {
  /** What messages quote. */
  readonly name: string;
  /** False when a command fills it in: it may as well be a credential that expires. */
  readonly isLiteral: boolean;
}

/** Read by an SDK or client before web identity (docs of each SDK; AWS "credential provider chain"). */
const credentialVariables = new Set([
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
]);

const profileVariables = new Set([
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_CONFIG_FILE',
  'AWS_CREDENTIAL_FILE',
]);

const rcloneVariable = String.raw`RCLONE_(?:S3|CONFIG_\w{1,64})_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)`;
const isRcloneVariable = new RegExp(`^${rcloneVariable}$`);

/** More than any of these names has; what is longer is cut, because capitals of a mebibyte take long. */
const maxNameCharacters = 256;

/** What a variable of this name does to credentials; undefined when nothing. Any case is accepted. */
export function describeVariable(written: string): string | undefined {
  const name = written.slice(0, maxNameCharacters).toUpperCase();
  if (credentialVariables.has(name)) return 'is a static credential';
  if (name.startsWith('MC_HOST_')) return 'holds static credentials for mc';
  if (profileVariables.has(name)) return 'makes SDKs read credentials from a file first';
  if (name.startsWith('RCLONE_') && isRcloneVariable.test(name)) {
    return 'is a static credential for rclone';
  }
  return undefined;
}

/** Repetitions are bounded everywhere, so that no text takes more than time in proportion to it. */
const assignment = new RegExp(
  `(?<![\\w$])(?:${[...credentialVariables, ...profileVariables].join('|')}|MC_HOST_\\w{1,64}|${rcloneVariable})=`,
  'gi',
);
/** Hadoop's S3A, also per bucket and with Spark's prefix (hadoop-aws, "Authenticating with S3"). */
const hadoopKey =
  /fs\.s3[an]?\.(?:bucket\.[\w.-]{1,63}\.)?(?:access\.key|secret\.key|session\.token|awsAccessKeyId|awsSecretAccessKey)=/g;

/** Places looked at in one text; one more is taken for a credential without looking. */
const maxPlaces = 1_000;

/** Assignments of static credentials in a script, a list of options or a single argument. */
export function findStaticKeys(text: string): StaticKey[] {
  if (!text.includes('=')) return [];
  const found = new Map<string, StaticKey>();
  for (const pattern of [assignment, hadoopKey]) {
    pattern.lastIndex = 0;
    let match = pattern.exec(text);
    for (let count = 0; match !== null && count <= maxPlaces; count++) {
      const name = match[0].slice(0, -1);
      const value = text.slice(pattern.lastIndex, pattern.lastIndex + 4);
      const key = count < maxPlaces ? keyOfValue(name, value) : { name, isLiteral: true };
      if (key !== undefined && found.get(name)?.isLiteral !== true) found.set(name, key);
      match = pattern.exec(text);
    }
  }
  return [...found.values()];
}

/** Nothing when the value is empty or a placeholder such as "<key>". */
function keyOfValue(name: string, value: string): StaticKey | undefined {
  const bare = value.replace(/^["']+/, '');
  if (bare === '' || /^[ \t\r\n;|&<)"']/.test(bare) || bare.startsWith('...')) return undefined;
  return { name, isLiteral: !bare.startsWith('$(') && !bare.startsWith('`') };
}
