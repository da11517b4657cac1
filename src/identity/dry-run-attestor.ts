import { readClaims, type AttestationAuthority } from './attestation-authority.ts';
import type { AttestationVerdict } from './pod-identity.ts';
import type { AttestationClaims } from './storage-identity.ts';

/** Stands where the server would put a signature. */
export const unsignedAttestation = '<signed when admitted>';

/**
 * Signs nothing: for judging one object from a file, where no key is at hand. What it "signed" itself
 * it knows again; any other attestation is taken at its word and only what it states is compared,
 * since whether the signature is real is for the server to say.
 */
export class DryRunAttestor implements AttestationAuthority {
  #signed: AttestationClaims | undefined;
  /** The placeholder was there before anything was signed: somebody wrote it. */
  #isCopied = false;

  recall(): undefined {
    return undefined;
  }

  sign(claims: AttestationClaims): Promise<string> {
    this.#signed = claims;
    return Promise.resolve(unsignedAttestation);
  }

  recallVerdict(jws: string | undefined): AttestationVerdict {
    if (jws === undefined) return { kind: 'absent' };
    if (jws !== unsignedAttestation) return readUnverified(jws);
    this.#isCopied ||= this.#signed === undefined;
    if (this.#signed === undefined || this.#isCopied) return { kind: 'forged' };
    return { kind: 'signed', claims: this.#signed };
  }

  verify(jws: string | undefined): Promise<AttestationVerdict> {
    return Promise.resolve(this.recallVerdict(jws));
  }
}

/** The payload of a compact JWS (RFC 7515 §7.1), without a look at its signature. */
function readUnverified(jws: string): AttestationVerdict {
  const [, payload = '', signature = ''] = jws.split('.');
  if (signature === '') return { kind: 'forged' };
  try {
    return readClaims(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  } catch {
    return { kind: 'forged' };
  }
}
