import type { X509Certificate } from 'node:crypto';

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM bundle, in its order, each with a line feed at its end. */
export function certificatesIn(bundle: string): readonly string[] {
  return (bundle.match(certificateBlock) ?? []).map((block) => `${block}\n`);
}

/** The first one; "" when there is none. */
export function firstCertificate(bundle: string): string {
  return certificatesIn(bundle)[0] ?? '';
}

/** When a certificate expires. Not `validToDate`, which Node.js 20 does not have. */
export function expiryOf({ validTo }: X509Certificate): Date {
  return new Date(validTo);
}
