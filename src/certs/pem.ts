/** The first certificate of a PEM bundle, with a line feed at its end; "" when there is none. */
export function firstCertificate(bundle: string): string {
  const [first] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(bundle) ?? [];
  return first === undefined ? '' : `${first}\n`;
}
