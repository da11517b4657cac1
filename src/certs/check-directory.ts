import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { InvalidKeysError, parseKeySet } from '../identity/key-ring.ts';
import { InvalidDirectoryError } from './certificate-directory.ts';
import { certificatesIn, expiryOf } from './pem.ts';

/** The files of a certificate directory that a cluster is given. */
export interface DirectoryTexts {
  /** PEM of one or, during a rotation, several authorities. */
  readonly caBundle: string;
  readonly certificate: string;
  readonly privateKey: string;
  /** Private JWK Set. */
  readonly signingKeys: string;
}

/**
 * Makes sure that a server can use what is about to be handed over, for nobody looks at it before that.
 * @throws InvalidDirectoryError naming the file, and what to do
 */
export function checkDirectory(texts: DirectoryTexts, directory: string, now: Date): void {
  const refuse = (file: string, reason: string, cause?: unknown): never => {
    const mend = 'put it back, or make everything anew with --rotate';
    throw new InvalidDirectoryError(`${join(directory, file)} ${reason}; ${mend}`, { cause });
  };
  const attempt = <Value>(file: string, reason: string, read: () => Value): Value => {
    try {
      return read();
    } catch (error) {
      return refuse(file, reason, error);
    }
  };
  const serving = attempt('tls.crt', 'holds no certificate', () => {
    return new X509Certificate(texts.certificate);
  });
  const key = attempt('tls.key', 'holds no private key', () => createPrivateKey(texts.privateKey));
  if (!serving.checkPrivateKey(key)) refuse('tls.key', 'is not the key of tls.crt');
  if (expiryOf(serving) <= now) refuse('tls.crt', 'has expired');
  const bundle = certificatesIn(texts.caBundle);
  if (bundle.length === 0) refuse('ca.crt', 'holds no certificate');
  const authorities = attempt('ca.crt', 'holds a certificate that cannot be read', () => {
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
