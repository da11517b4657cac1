const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM bundle, in its order, each with a line feed at its end. */
export function certificatesIn(bundle: string): readonly string[] {
  return (bundle.match(certificateBlock) ?? []).map((block) => `${block}\n`);
}

/** The first one; "" when there is none. */
export function firstCertificate(bundle: string): string {
  return certificatesIn(bundle)[0] ?? '';
}
