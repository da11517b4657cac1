/**
 * The files of a certificate directory, texts by name; undefined is missing. They are written in this
 * order: what clients trust first, then what they see.
 */
export interface CertificateFiles {
  /** One authority or, during a rotation, several; the one that signs comes first. */
  readonly 'ca.crt': string | undefined;
  readonly 'ca.key': string | undefined;
  readonly 'tls.key': string | undefined;
  readonly 'tls.crt': string | undefined;
  /** Private JWK Set; the first key signs. */
  readonly 'signing-keys.json': string | undefined;
}
