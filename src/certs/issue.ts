// @peculiar/x509 needs this polyfill for its dependency injection.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { UsageError } from '../errors.ts';
import { installation } from '../names.ts';

/** A certificate and its private key, both PEM. */
export interface KeyPairPem {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface CertificateRequest {
  /** Names and addresses under which the server is reached; the first one becomes the subject. */
  readonly dnsNames: readonly string[];
  readonly now: Date;
  /** Signs the new certificate; absent: a new authority is made. */
  readonly ca?: KeyPairPem;
}

export interface IssuedCertificates {
  readonly ca: KeyPairPem;
  readonly serving: KeyPairPem;
}

/** The names of the server in the default installation, and on the machine of someone who tries it. */
export const defaultServingNames: readonly string[] = [
  `${installation.name}.${installation.namespace}.svc`,
  `${installation.name}.${installation.namespace}.svc.cluster.local`,
  'localhost',
  '127.0.0.1',
  '::1',
];

const dayMilliseconds = 24 * 60 * 60 * 1000;
/** The authority outlives clusters; its certificate is what every webhook's caBundle holds. */
const caLifetimeDays = 3_650;
/** Clients refuse serving certificates that live longer than 398 days. */
const servingLifetimeDays = 365;
/** An API server whose clock is slow must accept a certificate that was just made. */
const clockSkewMilliseconds = 5 * 60 * 1000;
/** RFC 5280 allows 20 bytes; the first bit must be 0 so that the number is positive. */
const serialBytes = 16;

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signature = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** Makes a serving certificate, signed by the authority given or by a new one. */
export async function issueCertificates(request: CertificateRequest): Promise<IssuedCertificates> {
  const ca = request.ca ?? (await issueAuthority(request.now));
  return { ca, serving: await issueServing(request, ca) };
}

async function issueAuthority(now: Date): Promise<KeyPairPem> {
  const keys = await webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  const name = 'CN=Bucketwarden CA';
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: randomSerial(),
      subject: name,
      issuer: name,
      ...validity(now, caLifetimeDays),
      signingAlgorithm: signature,
      publicKey: keys.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return toPem(certificate, keys.privateKey);
}

async function issueServing(
  { dnsNames, now }: CertificateRequest,
  ca: KeyPairPem,
): Promise<KeyPairPem> {
  const [subject] = dnsNames;
  if (subject === undefined) throw new UsageError('a serving certificate needs at least one name');
  const authority = new X509Certificate(ca.certificate);
  const keys = await webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: randomSerial(),
      // X.520 limits a common name to 64 characters; clients read only the alternative names.
      subject: [{ CN: [subject.slice(0, 64)] }],
      issuer: authority.subject,
      ...capped(validity(now, servingLifetimeDays), authority.notAfter),
      signingAlgorithm: signature,
      publicKey: keys.publicKey,
      signingKey: await importSigningKey(ca.privateKey),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(
          dnsNames.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
        ),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await AuthorityKeyIdentifierExtension.create(authority, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return toPem(certificate, keys.privateKey);
}

interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

function validity(now: Date, days: number): Validity {
  return {
    notBefore: new Date(now.getTime() - clockSkewMilliseconds),
    notAfter: new Date(now.getTime() + days * dayMilliseconds),
  };
}

/** A certificate cannot outlive the one that signs it. */
function capped(own: Validity, end: Date): Validity {
  return end < own.notAfter ? { ...own, notAfter: end } : own;
}

function randomSerial(): string {
  const bytes = randomBytes(serialBytes);
  // Positive, and without leading zeros, which DER does not allow.
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes.toString('hex');
}

async function toPem(
  certificate: X509Certificate,
  privateKey: webcrypto.CryptoKey,
): Promise<KeyPairPem> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', privateKey);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    privateKey: `${PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
  };
}

function importSigningKey(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), curve, false, ['sign']);
}
