import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BucketwardenError } from '../errors.ts';
import {
  generateSigningKey,
  InvalidKeysError,
  parseKeySet,
  rotateKeys,
} from '../identity/key-ring.ts';
import type { CertificateFiles } from './certificate-files.ts';
import { continueInstalled, type InstalledFiles } from './continue-installed.ts';
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
  /** Replaces everything; the previous authority and keys stay valid beside the new ones. */
  readonly isRotating: boolean;
  /** What the cluster runs on that the files are for, which they must continue. */
  readonly installed?: InstalledFiles;
  readonly now: Date;
}

/** What became of one file. */
export interface DirectoryEntry {
  /** Without the directory. */
  readonly name: string;
  readonly state: 'made' | 'kept' | 'taken';
  /** The certificate a `.crt` file begins with. */
  readonly certificate: X509Certificate | undefined;
}

/**
 * Makes the missing files of a directory, or all of them anew. What the cluster has and the directory
 * lacks is taken from the cluster.
 * @throws InvalidDirectoryError when a file that is needed cannot be read, one half of the authority is
 * missing, or the files do not continue what the cluster has
 */
export async function fillDirectory(request: DirectoryRequest): Promise<readonly DirectoryEntry[]> {
  const { directory } = request;
  try {
    makePrivateDirectory(directory);
  } catch (cause) {
    throw new InvalidDirectoryError(`${directory} ${whyNotMade(directory, cause)}`, { cause });
  }
  const read = (name: keyof CertificateFiles): string | undefined =>
    readIfThere(join(directory, name));
  const local: CertificateFiles = {
    'ca.crt': read('ca.crt'),
    'ca.key': read('ca.key'),
    'tls.key': read('tls.key'),
    'tls.crt': read('tls.crt'),
    'signing-keys.json': read('signing-keys.json'),
  };
  const taken =
    request.installed === undefined ? {} : takeFrom(request.installed, local, directory);
  const found = { ...local, ...taken };
  const wanted = {
    ...(await certificates(found, request)),
    ...(await signingKeys(found, request)),
  };
  return Object.entries({ ...found, ...wanted }).flatMap(([name, text]) => {
    if (text === undefined) return [];
    const state = name in wanted ? 'made' : name in taken ? 'taken' : 'kept';
    const isCertificate = name.endsWith('.crt');
    const certificate = isCertificate ? parseCertificate(name, text) : undefined;
    const isPrivate = !isCertificate;
    if (state !== 'kept') writeAtOnce(join(directory, name), { text, isPrivate });
    return [{ name, state, certificate }];
  });
}

function whyNotMade(directory: string, cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/^(EEXIST|ENOTDIR)/.test(message)) return 'is not a directory, or lies below a file';
  const parent = dirname(directory);
  const isOrphan = message.startsWith('ENOENT') && !existsSync(parent);
  return `cannot be made: ${isOrphan ? `there is no directory ${parent}` : message}`;
}

/** What of the cluster's files belongs into the directory. */
function takeFrom(
  installed: InstalledFiles,
  local: CertificateFiles,
  directory: string,
): Partial<CertificateFiles> {
  const { taken, conflicts } = continueInstalled(local, installed);
  if (conflicts.length === 0) return taken;
  throw new InvalidDirectoryError(
    `the files in ${directory} do not continue what the cluster runs on: ${conflicts.join(', and ')}. ` +
      'Nothing was changed. To continue from the cluster, name an empty directory with --dir. To replace ' +
      'what the cluster has, add --replace: requests fail until every replica has the new certificate, ' +
      'and nobody can verify the attestations of running pods any more',
  );
}

function parseCertificate(name: string, text: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (error) {
    throw new InvalidDirectoryError(`${name} does not contain a certificate`, { cause: error });
  }
}

async function certificates(
  found: CertificateFiles,
  request: DirectoryRequest,
): Promise<Partial<CertificateFiles>> {
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
function authorityOf(found: CertificateFiles): KeyPairPem | undefined {
  const { 'ca.crt': certificate, 'ca.key': privateKey } = found;
  if (certificate === undefined && privateKey === undefined) return undefined;
  if (certificate === undefined || privateKey === undefined) {
    const missing = certificate === undefined ? 'ca.crt' : 'ca.key';
    const present = certificate === undefined ? 'ca.key' : 'ca.crt';
    throw new InvalidDirectoryError(
      `missing ${missing}: the serving certificate cannot be signed with ${present} alone; ` +
        'put it back, or make a new authority with --rotate',
    );
  }
  return { certificate: firstCertificate(certificate), privateKey };
}

async function signingKeys(
  found: CertificateFiles,
  { isRotating }: DirectoryRequest,
): Promise<Partial<CertificateFiles>> {
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
