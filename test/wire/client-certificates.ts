import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

interface ClientPair {
  readonly cert: string;
  readonly key: string;
}

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;
const validity = {
  notBefore: new Date(Date.now() - 60_000),
  notAfter: new Date(Date.now() + 3_600_000),
};

/** An authority for clients, two clients of it, and one of another authority. */
export async function clientCertificates(): Promise<{
  readonly ca: string;
  /** "kube-apiserver". */
  readonly client: ClientPair;
  /** "system:node:worker-1", with the alternative name "worker-1.example.com". */
  readonly kubelet: ClientPair;
  readonly stranger: ClientPair;
}> {
  const own = await makeAuthority('CN=clients');
  const other = await makeAuthority('CN=strangers');
  return {
    ca: own.ca,
    client: await own.issue('kube-apiserver'),
    kubelet: await own.issue('system:node:worker-1', 'worker-1.example.com'),
    stranger: await other.issue('kube-apiserver'),
  };
}

async function makeAuthority(name: string): Promise<{
  readonly ca: string;
  readonly issue: (commonName: string, dnsName?: string) => Promise<ClientPair>;
}> {
  const keys = await webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    subject: name,
    issuer: name,
    ...validity,
    signingAlgorithm,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    ca: certificate.toString('pem'),
    async issue(commonName, dnsName) {
      const pair = await webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
      const cert = await X509CertificateGenerator.create({
        subject: [{ CN: [commonName] }],
        issuer: name,
        ...validity,
        signingAlgorithm,
        publicKey: pair.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
          ...(dnsName === undefined
            ? []
            : [new SubjectAlternativeNameExtension([{ type: 'dns', value: dnsName }])]),
        ],
      });
      const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', pair.privateKey);
      return { cert: cert.toString('pem'), key: PemConverter.encode(pkcs8, 'PRIVATE KEY') };
    },
  };
}
