import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { InvalidKeysError, parseKeySet } from '../identity/key-ring.ts';
import { InvalidDirectoryError } from './certificate-directory.ts';
import { certificatesIn, expiryOf } from './pem.ts';

/** The files of a certificate directory that are installed in a cluster. */
export interface DirectoryTexts {
  /** PEM of one or, during a rotation, several authorities. */
  readonly caBundle: string;
  readonly certificate: string;
  readonly privateKey: string;
  /** Private JWK Set. */
  readonly signingKeys: string;
}

/**
 * Makes sure that a server can use what is about to be installed: nothing else looks at it before.
 * @throws InvalidDirectoryError naming the file, and what to do
 */
export function checkDirectory(texts: DirectoryTexts, directory: string, now: Date): void {
  const refuse = (file: string, reason: string, cause?: unknown): never => {
    const fix = 'put it back, or replace all files with --rotate';
    throw new InvalidDirectoryError(`${join(directory, file)} ${reason}; ${fix}`, { cause });
  };
  const attempt = <Value>(file: string, reason: string, read: () => Value): Value => {
    try {
      return read();
    } catch (error) {
      return refuse(file, reason, error);
    }
  };
  const serving = attempt('tls.crt', 'does not contain a certificate', () => {
    return new X509Certificate(texts.certificate);
  });
  const key = attempt('tls.key', 'does not contain a private key', () =>
    createPrivateKey(texts.privateKey),
  );
  if (!serving.checkPrivateKey(key)) refuse('tls.key', 'is not the key of tls.crt');
  if (expiryOf(serving) <= now) refuse('tls.crt', 'has expired');
  const bundle = certificatesIn(texts.caBundle);
  if (bundle.length === 0) refuse('ca.crt', 'does not contain a certificate');
  const authorities = attempt('ca.crt', 'contains a certificate that cannot be read', () => {
    return bundle.map((text) => new X509Certificate(text));
  });
  if (!authorities.some(({ publicKey }) => serving.verify(publicKey))) {
    refuse('tls.crt', 'is not signed by an authority in ca.crt');
  }
  try {
    parseKeySet(texts.signingKeys);
  } catch (error) {
    if (!(error instanceof InvalidKeysError)) throw error;
    refuse('signing-keys.json', `is ${error.message}`, error);
  }
}
