import type { AttestationClaims, StorageIdentity } from './storage-identity.ts';

/** What verification said about the attestation on a pod. */
export type AttestationVerdict =
  | { readonly kind: 'absent' }
  /** It states these claims. `isVerified`: one of our keys signed them; a dry run cannot know. */
  | { readonly kind: 'signed'; readonly claims: AttestationClaims; readonly isVerified: boolean }
  /** Well-formed, but signed with a key that is not ours, or not ours any more. */
  | { readonly kind: 'unknown-key'; readonly claims: AttestationClaims }
  | { readonly kind: 'forged' };

/** What a pod should carry and the verdict on its attestation; prepared before rules run. */
export interface PodIdentity {
  /** The identity to inject, and the one before it while that is still accepted. */
  readonly accepted: readonly [StorageIdentity, ...StorageIdentity[]];
  /**
   * Whether pods of this workload get it, or claim to have it. Where they do not, the SDKs' variables are
   * the author's own, for another store; annotations, volume and mounts under our names are still checked.
   */
  readonly mayCarry: boolean;
  /** Whether the pod must carry it now. */
  readonly mustCarry: boolean;
  readonly verdict: AttestationVerdict;
  /**
   * Whether this replica has, or once had, the declaration, grants and config that the attestation was
   * signed under. If not, another replica may have read them first.
   */
  readonly isFromKnownState: boolean;
}

/** True when two attestations state the same. */
export function sameClaims(one: AttestationClaims, other: AttestationClaims): boolean {
  return agreesWith(one, other) && one.config === other.config;
}

/** The same, except that attestations from before the config was stated agree with every config. */
export function agreesWith(stated: AttestationClaims, wanted: AttestationClaims): boolean {
  return (
    sameAccount(stated, wanted) &&
    stated.generation === wanted.generation &&
    stated.grants === wanted.grants &&
    (stated.config === wanted.config || stated.config === '')
  );
}

/** True when two attestations are about one account of one tenant, whatever it was granted. */
export function sameAccount(one: AttestationClaims, other: AttestationClaims): boolean {
  return (
    one.tenant === other.tenant &&
    one.namespace === other.namespace &&
    one.serviceAccount === other.serviceAccount
  );
}
