// @peculiar/x509 needs this polyfill for its dependency injection.
import 'reflect-metadata';
import { SubjectAlternativeNameExtension, X509Certificate } from '@peculiar/x509';

/**
 * Everything a certificate calls its owner, common names first. The kind of an alternative name (DNS,
 * URI …) makes no difference.
 * @param raw DER
 */
export function namesInCertificate(raw: Uint8Array<ArrayBuffer>): readonly string[] {
  const certificate = new X509Certificate(raw);
  const alternative = certificate.getExtension(SubjectAlternativeNameExtension);
  const names = alternative?.names.items.map(({ value }) => value) ?? [];
  return [...certificate.subjectName.getField('CN'), ...names];
}
