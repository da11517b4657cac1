import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JWK,
} from 'jose';
import { isRecord, listOf, recordOf } from '../admission/json.ts';
import { BucketwardenError } from '../errors.ts';
import { attestationAlgorithm } from './attestation-authority.ts';

/** The keys file is not a private JWK Set of P-256 keys. */
export class InvalidKeysError extends BucketwardenError {
  readonly code = 'invalid-keys';
}

/** Keys for attestations: the first one signs, all of them verify, so that rotation overlaps. */
export interface KeyRing {
  readonly signing: { readonly kid: string; readonly privateKey: CryptoKey };
  readonly verifying: ReadonlyMap<string, CryptoKey>;
  /** Public halves, as served under /.well-known/jwks.json. */
  readonly jwks: { readonly keys: readonly JWK[] };
}

/** A new private key as JWK, named by its RFC 7638 thumbprint. */
export async function generateSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(attestationAlgorithm, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: attestationAlgorithm, use: 'sig' };
}

/** How many keys remain after a rotation; attestations are rarely older than two rotations. */
const keptKeys = 3;

/** The key set with a new signing key in front and the previous ones kept for verifying. */
export async function rotateKeys(previous: readonly JWK[]): Promise<JWK[]> {
  return [await generateSigningKey(), ...previous].slice(0, keptKeys);
}

/**
 * Makes a ring of private JWKs.
 * @throws InvalidKeysError when the list is empty or a member is not a private P-256 key
 */
export async function createKeyRing(jwks: readonly JWK[]): Promise<KeyRing> {
  const keys = await Promise.all(jwks.map(importPair));
  const [first] = keys;
  if (first === undefined) throw new InvalidKeysError('the key set is empty');
  const verifying = new Map(keys.map(({ kid, publicKey }) => [kid, publicKey]));
  // Of two keys with the same name only one would verify, and perhaps not the one that signs.
  if (verifying.size < keys.length) throw new InvalidKeysError('two keys have the same kid');
  return {
    signing: { kid: first.kid, privateKey: first.privateKey },
    verifying,
    jwks: { keys: keys.map(({ publicJwk }) => publicJwk) },
  };
}

/**
 * Reads a private JWK Set: `{"keys": [{"kty": "EC", "crv": "P-256", "d": …}, …]}`.
 * @throws InvalidKeysError when it is something else
 */
export function parseKeySet(text: string): readonly JWK[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new InvalidKeysError('not JSON', { cause: error });
  }
  const keys = listOf(recordOf(parsed)['keys']);
  if (keys.length === 0 || !keys.every(isRecord)) {
    throw new InvalidKeysError('not a JWK Set: {"keys": […]} with at least one key');
  }
  return keys;
}

async function importPair(jwk: JWK): Promise<{
  kid: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  publicJwk: JWK;
}> {
  const { kty, crv, x, y, d } = jwk;
  const isPrivate = x !== undefined && y !== undefined && d !== undefined;
  if (kty !== 'EC' || crv !== 'P-256' || !isPrivate) {
    throw new InvalidKeysError('every key must be a private EC key on P-256');
  }
  const kid = jwk.kid ?? (await calculateJwkThumbprint(jwk));
  if (typeof kid !== 'string' || kid === '') throw new InvalidKeysError('a kid must be a text');
  const publicJwk = { kty, crv, x, y, kid, alg: attestationAlgorithm, use: 'sig' };
  try {
    // Other members, such as key_ops, could forbid signing or verifying when it is needed.
    const privateKey = await importJWK({ kty, crv, x, y, d }, attestationAlgorithm);
    const publicKey = await importJWK(publicJwk, attestationAlgorithm);
    if (!('type' in privateKey) || !('type' in publicKey)) throw new Error('symmetric key');
    return { kid, privateKey, publicKey, publicJwk };
  } catch (error) {
    throw new InvalidKeysError(`key "${kid}" cannot be used`, { cause: error });
  }
}
