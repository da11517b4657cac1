import { describe, expect, it } from 'vitest';
import { checkDirectory, type DirectoryTexts } from '../../src/certs/check-directory.ts';
import { issueCertificates } from '../../src/certs/issue.ts';
import { generateSigningKey } from '../../src/identity/key-ring.ts';
import { today } from '../builders.ts';

const dnsNames = ['localhost'];
const { ca, serving } = await issueCertificates({ dnsNames, now: today });
const other = await issueCertificates({ dnsNames, now: today });
const texts: DirectoryTexts = {
  caBundle: ca.certificate,
  certificate: serving.certificate,
  privateKey: serving.privateKey,
  signingKeys: JSON.stringify({ keys: [await generateSigningKey()] }),
};
const fix = '; put it back, or replace all files with --rotate';

describe('files that a server can use', () => {
  it('pass, also with the authority of before in the bundle', () => {
    expect(() => {
      checkDirectory(texts, 'certs', today);
    }).not.toThrow();
    const caBundle = `${other.ca.certificate}${ca.certificate}`;
    expect(() => {
      checkDirectory({ ...texts, caBundle }, 'certs', today);
    }).not.toThrow();
  });
});

describe('files that a server cannot use are refused', () => {
  it.each<[string, Partial<DirectoryTexts>, string]>([
    ['a certificate that is none', { certificate: '\n' }, 'tls.crt does not contain a certificate'],
    ['a key that is none', { privateKey: '\n' }, 'tls.key does not contain a private key'],
    ['another key', { privateKey: other.serving.privateKey }, 'tls.key is not the key of tls.crt'],
    ['an authority that is none', { caBundle: '' }, 'ca.crt does not contain a certificate'],
    [
      'another authority',
      { caBundle: other.ca.certificate },
      'tls.crt is not signed by an authority in ca.crt',
    ],
    ['signing keys that are no JSON', { signingKeys: 'x' }, 'signing-keys.json is not JSON'],
    [
      'no signing key',
      { signingKeys: '{}' },
      'signing-keys.json is not a JWK Set: {"keys": […]} with at least one key',
    ],
  ])('%s', (_, change, reason) => {
    expect(() => {
      checkDirectory({ ...texts, ...change }, 'certs', today);
    }).toThrow(`certs/${reason}${fix}`);
  });

  it('an old certificate', () => {
    expect(() => {
      checkDirectory(texts, 'certs', new Date('2030-01-01'));
    }).toThrow(`certs/tls.crt has expired${fix}`);
  });
});
