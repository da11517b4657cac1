import { recordOf, textOf } from '../admission/json.ts';
import { attestationAlgorithm, readClaims } from './attestation-authority.ts';
import type { AttestationClaims } from './storage-identity.ts';

/** What a compact JWS says of itself before its signature has been looked at. */
export interface UnverifiedAttestation {
  /** The name of the key that is said to have signed it. */
  readonly kid: string;
  readonly claims: AttestationClaims;
}

/** JWS are around 600 bytes; anything far longer is not one of ours and is not worth reading. */
const maxAttestationLength = 4_096;

/** base64url of the 64 bytes of an ES256 signature (RFC 7518 §3.4). */
const signature = /^[\w-]{86}$/;

/** Reads an attestation in the form we give it; undefined for any other text. */
export function readUnverified(jws: string): UnverifiedAttestation | undefined {
  if (jws.length > maxAttestationLength) return undefined;
  const parts = jws.split('.');
  const [protectedHeader = '', payload = '', signed = ''] = parts;
  if (parts.length !== 3 || !signature.test(signed)) return undefined;
  try {
    const { alg, kid } = recordOf(decodePart(protectedHeader));
    const claims = readClaims(decodePart(payload));
    const name = textOf(kid) ?? '';
    if (alg !== attestationAlgorithm || name === '' || claims === undefined) return undefined;
    return { kid: name, claims };
  } catch {
    return undefined;
  }
}

function decodePart(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
}
