import { recordOf, textOf } from '../admission/json.ts';
import { attestationIssuer } from '../names.ts';
import type { AttestationVerdict } from './pod-identity.ts';
import type { AttestationClaims } from './storage-identity.ts';

/** Signature algorithm of attestations (RFC 7518 §3.4). */
export const attestationAlgorithm = 'ES256';

/** Signs and verifies attestations: with keys in the server (`Attestor`), without any in a dry run. */
export interface AttestationAuthority {
  /** An attestation signed earlier, without waiting; undefined when there is none in memory. */
  recall(claims: AttestationClaims): string | undefined;
  sign(claims: AttestationClaims): Promise<string>;
  /** The verdict on an attestation, without waiting; undefined when it must be verified first. */
  recallVerdict(jws: string | undefined): AttestationVerdict | undefined;
  /** The verdict on an attestation. Never throws: one that cannot be verified is forged. */
  verify(jws: string | undefined): Promise<AttestationVerdict>;
}

/** What the payload of an attestation states; undefined when it names another issuer. */
export function readClaims(payload: unknown): AttestationClaims | undefined {
  const claims = recordOf(payload);
  if (claims['iss'] !== attestationIssuer) return undefined;
  const text = (name: keyof AttestationClaims): string => textOf(claims[name]) ?? '';
  return {
    tenant: text('tenant'),
    namespace: text('namespace'),
    serviceAccount: text('serviceAccount'),
    generation: text('generation'),
    grants: text('grants'),
    config: text('config'),
  };
}
