import { recordOf, textOf } from '../admission/json.ts';
import { attestationIssuer } from '../names.ts';
import type { AttestationVerdict } from './pod-identity.ts';
import type { AttestationClaims } from './storage-identity.ts';

/**
 * Who signs attestations and says what one is worth. The server's holds keys (`Attestor`); a dry run
 * has none.
 */
export interface AttestationAuthority {
  /** An attestation signed earlier, without waiting; undefined when there is none in memory. */
  recall(claims: AttestationClaims): string | undefined;
  sign(claims: AttestationClaims): Promise<string>;
  /** What an attestation is worth, without waiting; undefined when it must be verified first. */
  recallVerdict(jws: string | undefined): AttestationVerdict | undefined;
  /** What an attestation is worth. Never throws: what cannot be verified is forged. */
  verify(jws: string | undefined): Promise<AttestationVerdict>;
}

/** What the payload of an attestation states; one that we did not issue is forged. */
export function readClaims(payload: unknown): AttestationVerdict {
  const claims = recordOf(payload);
  if (claims['iss'] !== attestationIssuer) return { kind: 'forged' };
  const text = (name: keyof AttestationClaims): string => textOf(claims[name]) ?? '';
  return {
    kind: 'signed',
    claims: {
      tenant: text('tenant'),
      namespace: text('namespace'),
      serviceAccount: text('serviceAccount'),
      generation: text('generation'),
      grants: text('grants'),
    },
  };
}
