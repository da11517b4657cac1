import { X509Certificate } from 'node:crypto';
import type { Server } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { defaultServingNames, issueCertificates } from '../../certs/issue.ts';
import { BucketwardenError } from '../../errors.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { WatchedSource } from './reloader.ts';
import { readSource } from '../../files/read-sources.ts';

/** The files do not hold a certificate that a server can present. */
export class InvalidCertificateError extends BucketwardenError {
  readonly code = 'invalid-certificate';
}

/** What the server presents, and which clients it trusts. */
export interface ServingCertificate {
  readonly context: SecureContextOptions;
  readonly expiry: Date;
}

export interface CertificateFiles {
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly clientCa: string | undefined;
}

/** The certificate in force; changing it leaves open connections as they are. */
export class CertificateInForce {
  readonly #metrics: Metrics;
  #serving: ServingCertificate | undefined;
  #server: Server | undefined;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  use(serving: ServingCertificate): void {
    this.#server?.setSecureContext(serving.context);
    this.#serving = serving;
    this.#metrics.setCertificateExpiry(serving.expiry);
  }

  /** Hands it to a server, now and whenever it changes. */
  serveWith(create: (context: SecureContextOptions) => Server): Server {
    this.#server = create(this.#serving?.context ?? {});
    return this.#server;
  }
}

/** Certificate, key and client authority from files; a pair that does not match is refused. */
export function createCertificateSource(
  files: CertificateFiles,
  { inForce, now }: { readonly inForce: CertificateInForce; readonly now: () => Date },
): WatchedSource {
  return {
    name: 'certificate',
    async read() {
      const pem = {
        cert: await readPem(files.tlsCert),
        key: await readPem(files.tlsKey),
        ca: files.clientCa === undefined ? undefined : await readAuthority(files.clientCa),
      };
      return {
        fingerprint: JSON.stringify(pem),
        apply: () => {
          inForce.use(checkFiles(files, pem, now()));
        },
      };
    },
  };
}

/** A certificate of our own making, for trying out; `caCertificate` is what clients must trust. */
export async function makeCertificate(
  clientCa: string | undefined,
  now: Date,
): Promise<{ readonly serving: ServingCertificate; readonly caCertificate: string }> {
  const { ca, serving } = await issueCertificates({ dnsNames: defaultServingNames, now });
  const pem = {
    cert: serving.certificate,
    key: serving.privateKey,
    ca: clientCa === undefined ? undefined : await readAuthority(clientCa),
  };
  return { serving: checkCertificate(pem, now), caCertificate: ca.certificate };
}

/** OpenSSL does not know which files it was given; people have to. */
function checkFiles(files: CertificateFiles, pem: Pem, now: Date): ServingCertificate {
  try {
    return checkCertificate(pem, now);
  } catch (cause) {
    if (!(cause instanceof InvalidCertificateError)) throw cause;
    const named = `${files.tlsCert}, ${files.tlsKey}`;
    throw new InvalidCertificateError(`${named}: ${cause.message}`, { cause });
  }
}

interface Pem {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | undefined;
}

function checkCertificate({ cert, key, ca }: Pem, now: Date): ServingCertificate {
  const context = { cert, key, minVersion: 'TLSv1.2' as const, ...(ca !== undefined && { ca }) };
  const expiry = usableUntil(context);
  if (expiry <= now) {
    throw new InvalidCertificateError(`the certificate expired on ${expiry.toISOString()}`);
  }
  return { context, expiry };
}

/** OpenSSL itself says whether the key belongs to the certificate. */
function usableUntil(context: { readonly cert: string; readonly ca?: string }): Date {
  try {
    createSecureContext(context);
    return new X509Certificate(context.cert).validToDate;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidCertificateError(`certificate and key cannot be used: ${reason}`, { cause });
  }
}

/** Checked here: createSecureContext accepts any text as an authority, and would then refuse every client. */
async function readAuthority(file: string): Promise<string> {
  const text = await readPem(file);
  try {
    new X509Certificate(text);
  } catch (cause) {
    throw new InvalidCertificateError(`${file}: holds no certificate`, { cause });
  }
  return text;
}

async function readPem(file: string): Promise<string> {
  const { text } = await readSource(file);
  return text;
}
