import type { AttestationClaims, StorageIdentity } from './storage-identity.ts';

/** What the attestation on a pod turned out to be. */
export type AttestationVerdict =
  | { readonly kind: 'absent' }
  /** Signed by one of our keys, over these claims. */
  | { readonly kind: 'signed'; readonly claims: AttestationClaims }
  | { readonly kind: 'forged' };

/** What a pod should carry and what its attestation is worth; prepared before rules run. */
export interface PodIdentity {
  /** The identity to inject, and the one before it while that is still accepted. */
  readonly accepted: readonly [StorageIdentity, ...StorageIdentity[]];
  /**
   * Whether pods of this workload are to carry it, or claim to. Where not, the SDKs' variables are the
   * author's own, for another store; what bears our names may still not be wrong.
   */
  readonly mayCarry: boolean;
  /** Whether the pod must carry it now. */
  readonly mustCarry: boolean;
  readonly verdict: AttestationVerdict;
}

/** True when two attestations state the same. */
export function sameClaims(one: AttestationClaims, other: AttestationClaims): boolean {
  return (
    one.tenant === other.tenant &&
    one.namespace === other.namespace &&
    one.serviceAccount === other.serviceAccount &&
    one.generation === other.generation &&
    one.grants === other.grants
  );
}
