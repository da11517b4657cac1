import { credentialVariablePattern, describeVariable } from './credential-variables.ts';
import type { Variables } from './expansion.ts';

/** A static credential in a text: what it is, never its value. */
export interface StaticKey {
  /** What messages quote. */
  readonly name: string;
  /** False when a command or a variable of the script fills it in: it may be a credential that expires. */
  readonly isLiteral: boolean;
}

/** At the beginning of a name, also behind an escape: printf '[default]\naws_access_key_id=x'. */
const start = String.raw`(?:(?<![\w$])|(?<=\\[nrt]))`;
const fileKey = 'aws_(?:access_key_id|secret_access_key|session_token)';

/** Repetitions are bounded everywhere, so that no text takes more than time in proportion to it. */
const patterns = [
  new RegExp(`${start}(${credentialVariablePattern})=`, 'gi'),
  // Hadoop's S3A, also per bucket and with Spark's prefix (hadoop-aws, "Authenticating with S3").
  /(fs\.s3[an]?\.(?:bucket\.[\w.-]{1,63}\.)?(?:access\.key|secret\.key|session\.token|awsAccessKeyId|awsSecretAccessKey))=/g,
  // In a credentials file, and not in a program: keys["SecretAccessKey"], getenv("KEY").
  new RegExp(`${start}(${fileKey})[ \\t]{1,8}=[ \\t]{0,8}(?![a-z_]\\w{0,64}[.[(])`, 'gi'),
  new RegExp(`${start}(${fileKey})=[ \\t]{1,8}(?=[\\w/+]{16})`, 'g'),
  new RegExp(`(?<![\\w-])set[ \\t]{1,8}(?:[\\w.-]{1,128}\\.)?(${fileKey})[ \\t]{1,8}`, 'g'),
];

/** Places looked at in one text; one more is taken for a credential without looking. */
const maxPlaces = 1_000;
/** The longest host for mc that is looked at. */
const maxValueCharacters = 2_048;

/** Static credentials in a script, a list of options or a single argument. */
export function findStaticKeys(text: string, variables?: Variables): StaticKey[] {
  if (!text.includes('=') && !text.includes('configure')) return [];
  const found = new Map<string, StaticKey>();
  for (const pattern of patterns) {
    pattern.lastIndex = 0;
    let match = pattern.exec(text);
    for (let count = 0; match !== null && count <= maxPlaces; count++) {
      const [, name = ''] = match;
      const value = text.slice(pattern.lastIndex, pattern.lastIndex + maxValueCharacters);
      const key =
        count < maxPlaces ? keyOfValue(name, value, variables) : { name, isLiteral: true };
      if (key !== undefined && found.get(name)?.isLiteral !== true) found.set(name, key);
      match = pattern.exec(text);
    }
  }
  return [...found.values()];
}

/** The index of the key's value in `aws configure set NAME VALUE`, where each is a word; or -1. */
export function keyIndexOfAwsConfigure(words: readonly string[]): number {
  const first = words.slice(0, 32);
  if (!first.includes('configure')) return -1;
  const at = first.findIndex(
    (word, index) => isFileKey.test(word) && first[index - 1] === 'set' && words[index + 1],
  );
  return at === -1 ? -1 : at + 1;
}

const isFileKey = new RegExp(`^(?:[\\w.-]{1,128}\\.)?${fileKey}$`);

/** Nothing when the value is empty or a placeholder such as "<key>". */
function keyOfValue(
  name: string,
  value: string,
  variables: Variables | undefined,
): StaticKey | undefined {
  const bare = value.replace(/^["']+/, '');
  if (bare === '' || /^[ \t\r\n;|&<)"']/.test(bare) || bare.startsWith('...')) return undefined;
  const length = bare.search(/[ \t\r\n;|&<>"'`)]/);
  const word = length === -1 ? bare : bare.slice(0, length);
  const isWhole = length !== -1 || value.length < maxValueCharacters;
  const isHarmless =
    describeVariable(name) !== undefined &&
    isWhole &&
    bare.charAt(length) !== '`' &&
    describeVariable(name, word) === undefined;
  if (isHarmless) return undefined;
  return { name, isLiteral: !isFilledIn(bare, variables) };
}

/** True for what a command prints, and for a variable that the script itself must have set. */
function isFilledIn(value: string, variables: Variables | undefined): boolean {
  if (value.startsWith('`')) return true;
  const match = /^\$(?:\((\w{1,128})\)|\{?([A-Za-z_]\w{0,127}))/.exec(value);
  // The kubelet has left "$(NAME)" in place where it comes from a Secret, and fills it in.
  const name = match?.[1] ?? match?.[2];
  if (name !== undefined) return variables?.has(name) !== true;
  return value.startsWith('$(');
}
