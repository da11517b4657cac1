import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { BucketwardenError } from '../errors.ts';
import {
  generateSigningKey,
  InvalidKeysError,
  parseKeySet,
  rotateKeys,
} from '../identity/key-ring.ts';
import { issueCertificates, type KeyPairPem } from './issue.ts';
import { makePrivateDirectory, readIfThere, writeAtOnce } from './key-files.ts';
import { firstCertificate } from './pem.ts';

/** What is in the directory cannot be built upon. */
export class InvalidDirectoryError extends BucketwardenError {
  readonly code = 'invalid-certificate-directory';
}

export interface DirectoryRequest {
  readonly directory: string;
  readonly dnsNames: readonly string[];
  /** Replaces everything; the authority and keys before stay valid beside the new ones. */
  readonly isRotating: boolean;
  readonly now: Date;
}

/** What became of one file. */
export interface DirectoryEntry {
  /** Without the directory. */
  readonly name: string;
  readonly state: 'made' | 'kept';
  /** The certificate a `.crt` file begins with. */
  readonly certificate: X509Certificate | undefined;
}

/** Texts by file name. In this order they are written: clients' trust first, then what they see. */
interface Files {
  readonly 'ca.crt': string | undefined;
  readonly 'ca.key': string | undefined;
  readonly 'tls.key': string | undefined;
  readonly 'tls.crt': string | undefined;
  readonly 'signing-keys.json': string | undefined;
}

/**
 * Makes the missing files of a directory, or all of them anew.
 * @throws InvalidDirectoryError when a file that is needed is unreadable, or one half of the authority is missing
 */
export async function fillDirectory(request: DirectoryRequest): Promise<readonly DirectoryEntry[]> {
  const { directory } = request;
  try {
    makePrivateDirectory(directory);
  } catch (cause) {
    const { message } = cause instanceof Error ? cause : new Error(String(cause));
    const isFile = /^(EEXIST|ENOTDIR)/.test(message);
    const reason = isFile
      ? 'is not a directory, or lies below a file'
      : `cannot be made: ${message}`;
    throw new InvalidDirectoryError(`${directory} ${reason}`, { cause });
  }
  const read = (name: keyof Files): string | undefined => readIfThere(join(directory, name));
  const found: Files = {
    'ca.crt': read('ca.crt'),
    'ca.key': read('ca.key'),
    'tls.key': read('tls.key'),
    'tls.crt': read('tls.crt'),
    'signing-keys.json': read('signing-keys.json'),
  };
  const wanted = {
    ...(await certificates(found, request)),
    ...(await signingKeys(found, request)),
  };
  return Object.entries({ ...found, ...wanted }).flatMap(([name, text]) => {
    if (text === undefined) return [];
    const isMade = name in wanted;
    const isCertificate = name.endsWith('.crt');
    const certificate = isCertificate ? parseCertificate(name, text) : undefined;
    if (isMade) writeAtOnce(join(directory, name), { text, isPrivate: !isCertificate });
    return [{ name, state: isMade ? ('made' as const) : ('kept' as const), certificate }];
  });
}

function parseCertificate(name: string, text: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (error) {
    throw new InvalidDirectoryError(`${name} holds no certificate`, { cause: error });
  }
}

async function certificates(found: Files, request: DirectoryRequest): Promise<Partial<Files>> {
  const { dnsNames, isRotating, now } = request;
  const hasServing = found['tls.crt'] !== undefined && found['tls.key'] !== undefined;
  if (hasServing && !isRotating) return {};
  const known = isRotating ? undefined : authorityOf(found);
  const { ca, serving } = await issueCertificates({ dnsNames, now, ...(known && { ca: known }) });
  const pair = { 'tls.key': serving.privateKey, 'tls.crt': serving.certificate };
  if (known !== undefined) return pair;
  const before = found['ca.crt'] === undefined ? '' : firstCertificate(found['ca.crt']);
  return { 'ca.crt': `${ca.certificate}${before}`, 'ca.key': ca.privateKey, ...pair };
}

/** The authority that is there; undefined when neither half is. In a bundle it comes first. */
function authorityOf(found: Files): KeyPairPem | undefined {
  const { 'ca.crt': certificate, 'ca.key': privateKey } = found;
  if (certificate === undefined && privateKey === undefined) return undefined;
  if (certificate === undefined || privateKey === undefined) {
    const missing = certificate === undefined ? 'ca.crt' : 'ca.key';
    const present = certificate === undefined ? 'ca.key' : 'ca.crt';
    throw new InvalidDirectoryError(
      `${present} is there but ${missing} is not, so the serving certificate cannot be signed; ` +
        'put it back, or make a new authority with --rotate',
    );
  }
  return { certificate: firstCertificate(certificate), privateKey };
}

async function signingKeys(
  found: Files,
  { isRotating }: DirectoryRequest,
): Promise<Partial<Files>> {
  const text = found['signing-keys.json'];
  if (text !== undefined && !isRotating) return {};
  const keys = text === undefined ? [await generateSigningKey()] : await rotateText(text);
  return { 'signing-keys.json': `${JSON.stringify({ keys }, undefined, 2)}\n` };
}

async function rotateText(text: string): ReturnType<typeof rotateKeys> {
  try {
    return await rotateKeys(parseKeySet(text));
  } catch (error) {
    if (!(error instanceof InvalidKeysError)) throw error;
    throw new InvalidDirectoryError(`signing-keys.json: ${error.message}`, { cause: error });
  }
}
