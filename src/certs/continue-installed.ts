import { X509Certificate } from 'node:crypto';
import { InvalidKeysError, parseKeySet } from '../identity/key-ring.ts';
import type { CertificateFiles } from './certificate-files.ts';
import { certificatesIn } from './pem.ts';

/** What a cluster has of the files of a certificate directory; everything but the authority's key. */
export type InstalledFiles = Omit<CertificateFiles, 'ca.key'>;

/** How the files of a directory and those of a cluster fit together. */
export interface Continuation {
  /** CertificateFiles that the directory lacks and takes from the cluster. */
  readonly taken: Partial<CertificateFiles>;
  /** Why the directory's files must not replace those of the cluster without being told to. */
  readonly conflicts: readonly string[];
}

/**
 * Compares a directory with what a cluster runs on. CertificateFiles that continue it hold its authority and its
 * signing key, perhaps beside newer ones: then clients trust the old and the new, and no request fails
 * while they are replaced. What cannot be compared is a conflict.
 */
export function continueInstalled(
  local: CertificateFiles,
  installed: InstalledFiles,
): Continuation {
  const parts = [continueAuthority(local, installed), continueKeys(local, installed)];
  return {
    taken: Object.assign({}, ...parts.map(({ taken }) => taken)) as Partial<CertificateFiles>,
    conflicts: parts.flatMap(({ conflicts }) => conflicts),
  };
}

const nothing: Continuation = { taken: {}, conflicts: [] };

function continueAuthority(local: CertificateFiles, installed: InstalledFiles): Continuation {
  const serving = certificateIn(installed['tls.crt']);
  // A Secret that no replica can use has nothing to be continued.
  if (serving === undefined) return nothing;
  if (isSignedBy(serving, local['ca.crt'])) return nothing;
  const isEmpty = ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'].every(
    (name) => local[name as keyof CertificateFiles] === undefined,
  );
  if (isEmpty && isSignedBy(serving, installed['ca.crt']) && installed['tls.key'] !== undefined) {
    const { 'ca.crt': ca, 'tls.crt': certificate, 'tls.key': key } = installed;
    return { taken: { 'ca.crt': ca, 'tls.key': key, 'tls.crt': certificate }, conflicts: [] };
  }
  const place = isEmpty ? "the cluster's Secret" : 'ca.crt';
  const reason = `${place} does not contain the authority that signed the cluster's certificate`;
  return { taken: {}, conflicts: [reason] };
}

function certificateIn(text: string | undefined): X509Certificate | undefined {
  try {
    return text === undefined ? undefined : new X509Certificate(text);
  } catch {
    return undefined;
  }
}

function isSignedBy(serving: X509Certificate, bundle = ''): boolean {
  return certificatesIn(bundle).some((text) => {
    const authority = certificateIn(text);
    return authority !== undefined && serving.verify(authority.publicKey);
  });
}

function continueKeys(local: CertificateFiles, installed: InstalledFiles): Continuation {
  const { 'signing-keys.json': text } = installed;
  const [signing] = keysIn(text);
  if (signing === undefined) return nothing;
  const { 'signing-keys.json': own } = local;
  if (own === undefined) return { taken: { 'signing-keys.json': text }, conflicts: [] };
  if (keysIn(own).includes(signing)) return nothing;
  const reason = 'signing-keys.json does not contain the key that the cluster signs with';
  return { taken: {}, conflicts: [reason] };
}

/** The public point of each key, which is the key whatever it is called; nothing of a broken set. */
function keysIn(text: string | undefined): readonly string[] {
  try {
    return text === undefined ? [] : parseKeySet(text).map(({ x, y }) => JSON.stringify([x, y]));
  } catch (error) {
    if (error instanceof InvalidKeysError) return [];
    throw error;
  }
}
