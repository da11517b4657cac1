import type { AttestationAuthority } from './attestation-authority.ts';
import type { AttestationVerdict } from './pod-identity.ts';
import type { AttestationClaims } from './storage-identity.ts';
import { readUnverified } from './unverified-attestation.ts';

/** Takes the place of the signature that the server would make. */
export const unsignedAttestation = '<signed when admitted>';

/**
 * Signs nothing: for judging one object from a file, without keys. It recognises what it "signed"
 * itself. Any other attestation is taken at its word and only what it states is compared, because only
 * the server can verify a signature.
 */
export class DryRunAttestor implements AttestationAuthority {
  #signed: AttestationClaims | undefined;
  /** The placeholder was there before anything was signed: a user wrote it. */
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
    if (jws !== unsignedAttestation) return takeAtItsWord(jws);
    this.#isCopied ||= this.#signed === undefined;
    if (this.#signed === undefined || this.#isCopied) return { kind: 'forged' };
    return { kind: 'signed', claims: this.#signed, isVerified: false };
  }

  verify(jws: string | undefined): Promise<AttestationVerdict> {
    return Promise.resolve(this.recallVerdict(jws));
  }
}

function takeAtItsWord(jws: string): AttestationVerdict {
  const claims = readUnverified(jws)?.claims;
  return claims === undefined ? { kind: 'forged' } : { kind: 'signed', claims, isVerified: false };
}
