import { CompactSign, compactVerify, type CryptoKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { attestationIssuer } from '../names.ts';
import {
  attestationAlgorithm,
  readClaims,
  type AttestationAuthority,
} from './attestation-authority.ts';
import type { KeyRing } from './key-ring.ts';
import type { AttestationVerdict } from './pod-identity.ts';
import type { AttestationClaims } from './storage-identity.ts';
import { readUnverified } from './unverified-attestation.ts';

/** Signs and verifies attestations, and remembers both: a busy account costs one signature. */
export class Attestor implements AttestationAuthority {
  readonly #keys: KeyRing;
  readonly #now: () => Date;
  readonly #signed: LRUCache<string, string>;
  readonly #verified: LRUCache<string, AttestationVerdict>;

  constructor(
    keys: KeyRing,
    { now, cacheSize }: { readonly now: () => Date; readonly cacheSize: number },
  ) {
    this.#keys = keys;
    this.#now = now;
    this.#signed = new LRUCache({ max: cacheSize });
    this.#verified = new LRUCache({ max: cacheSize });
  }

  get jwks(): KeyRing['jwks'] {
    return this.#keys.jwks;
  }

  /** An attestation signed earlier, without waiting; undefined when there is none in memory. */
  recall(claims: AttestationClaims): string | undefined {
    return this.#signed.get(cacheKey(claims));
  }

  /** A compact JWS over the claims. Nothing in it is about one pod, and it does not expire. */
  async sign(claims: AttestationClaims): Promise<string> {
    const known = this.recall(claims);
    if (known !== undefined) return known;
    const payload = {
      iss: attestationIssuer,
      iat: Math.floor(this.#now().getTime() / 1000),
      ...claims,
    };
    const { kid, privateKey } = this.#keys.signing;
    const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
      .setProtectedHeader({ alg: attestationAlgorithm, kid, typ: 'bucketwarden-attestation+jwt' })
      .sign(privateKey);
    this.#signed.set(cacheKey(claims), jws);
    this.#verified.set(jws, { kind: 'signed', claims, isVerified: true });
    return jws;
  }

  /** The verdict on an attestation, without waiting; undefined when it must be verified first. */
  recallVerdict(jws: string | undefined): AttestationVerdict | undefined {
    return jws === undefined ? { kind: 'absent' } : this.#verified.get(jws);
  }

  /** The verdict on an attestation. Never throws: one that cannot be verified is forged. */
  async verify(jws: string | undefined): Promise<AttestationVerdict> {
    const known = this.recallVerdict(jws);
    if (known !== undefined || jws === undefined) return known ?? { kind: 'absent' };
    const unverified = readUnverified(jws);
    if (unverified === undefined) return { kind: 'forged' };
    const key = this.#keys.verifying.get(unverified.kid);
    if (key === undefined) return { kind: 'unknown-key', claims: unverified.claims };
    const verdict = await verifyWith(key, jws);
    // Forgeries are not remembered: a user can send any number of them.
    if (verdict.kind === 'signed') this.#verified.set(jws, verdict);
    return verdict;
  }
}

async function verifyWith(key: CryptoKey, jws: string): Promise<AttestationVerdict> {
  try {
    const { payload } = await compactVerify(jws, key, { algorithms: [attestationAlgorithm] });
    const claims = readClaims(JSON.parse(new TextDecoder().decode(payload)));
    return claims === undefined ? { kind: 'forged' } : { kind: 'signed', claims, isVerified: true };
  } catch {
    return { kind: 'forged' };
  }
}

function cacheKey(claims: AttestationClaims): string {
  const { tenant, namespace, serviceAccount, generation, grants, config } = claims;
  return `${tenant}/${namespace}/${serviceAccount}/${generation}/${grants}/${config}`;
}
