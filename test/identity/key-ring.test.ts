import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createKeyRing,
  generateSigningKey,
  InvalidKeysError,
  parseKeySet,
  rotateKeys,
} from '../../src/identity/key-ring.ts';

let key: JWK;
let other: JWK;

beforeAll(async () => {
  key = await generateSigningKey();
  other = await generateSigningKey();
});

function without(member: keyof JWK): JWK {
  return Object.fromEntries(Object.entries(key).filter(([name]) => name !== member));
}

/** A key of another kind, as JWK. */
async function foreignKey(algorithm: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return exportJWK(privateKey);
}

describe('a generated key', () => {
  it('is a private one on P-256 that signs ES256 under its thumbprint', () => {
    expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
    expect(key.kid).toMatch(/^[\w-]{43}$/);
    expect(key.kid).not.toBe(other.kid);
  });
});

describe('a key ring', () => {
  it('signs with the first key and verifies with all', async () => {
    const ring = await createKeyRing([key, other]);
    expect(ring.signing.kid).toBe(key.kid);
    expect([...ring.verifying.keys()]).toEqual([key.kid, other.kid]);
  });

  it('serves the public halves and nothing private', async () => {
    const { jwks } = await createKeyRing([{ ...key, x5c: ['secret'], k: 'secret' }]);
    const { kty, crv, x, y, kid } = key;
    expect(jwks).toEqual({ keys: [{ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }] });
  });

  it('names a key without kid by its thumbprint', async () => {
    const { kid, ...nameless } = key;
    const ring = await createKeyRing([nameless]);
    expect(ring.signing.kid).toBe(kid);
  });

  it('uses a key whatever other members say it is for', async () => {
    const ring = await createKeyRing([{ ...key, key_ops: ['verify'], ext: false, use: 'enc' }]);
    expect(ring.signing.privateKey.usages).toEqual(['sign']);
  });

  it('refuses an empty set', async () => {
    await expect(createKeyRing([])).rejects.toThrow(new InvalidKeysError('the key set is empty'));
  });

  it('refuses two keys under one name', async () => {
    await expect(createKeyRing([key, { ...other, kid: key.kid ?? '' }])).rejects.toThrow(
      new InvalidKeysError('two keys have the same kid'),
    );
  });

  it.each<readonly [string, () => Promise<JWK> | JWK]>([
    ['a public key', () => without('d')],
    ['a key without its public half', () => without('x')],
    ['P-384', () => foreignKey('ES384')],
    ['RSA', () => foreignKey('RS256')],
    ['Ed25519', () => foreignKey('EdDSA')],
    ['a shared secret', () => ({ kty: 'oct', k: 'c2VjcmV0' })],
    ['nothing', () => ({})],
  ])('refuses %s', async (_what, make) => {
    await expect(createKeyRing([key, await make()])).rejects.toThrow(
      new InvalidKeysError('every key must be a private EC key on P-256'),
    );
  });

  it.each<readonly [string, () => JWK]>([
    ['halves of two keys', () => ({ ...key, d: other.d ?? '' })],
    ['no number', () => ({ ...key, d: '!' })],
    ['a point off the curve', () => ({ ...key, x: key.y ?? '' })],
  ])('refuses a key of %s', async (_what, make) => {
    await expect(createKeyRing([make()])).rejects.toThrow(
      new InvalidKeysError(`key "${key.kid ?? ''}" cannot be used`),
    );
  });

  it('refuses a kid that is no text', async () => {
    const numbered: unknown = { ...key, kid: 7 };
    await expect(createKeyRing([numbered as JWK])).rejects.toThrow(
      new InvalidKeysError('a kid must be a text'),
    );
  });
});

describe('a key file', () => {
  it('is a private JWK Set', () => {
    expect(parseKeySet(JSON.stringify({ keys: [key, other] }))).toEqual([key, other]);
  });

  it('that is not JSON says so and keeps the cause', () => {
    const error: unknown = catchFrom(() => parseKeySet('-----BEGIN PRIVATE KEY-----'));
    expect(error).toEqual(new InvalidKeysError('not JSON'));
    expect(error).toHaveProperty('code', 'invalid-keys');
    expect(error).toHaveProperty('cause.name', 'SyntaxError');
  });

  it.each([
    'null',
    '[]',
    '"x"',
    '{}',
    '{"keys": null}',
    '{"keys": []}',
    '{"keys": {}}',
    '{"keys": [1]}',
  ])('is not %s', (text) => {
    expect(() => parseKeySet(text)).toThrow(
      new InvalidKeysError('not a JWK Set: {"keys": […]} with at least one key'),
    );
  });

  it('with one entry that is no key is refused as a whole', () => {
    expect(() => parseKeySet(JSON.stringify({ keys: [key, 'garbage'] }))).toThrow(
      new InvalidKeysError('not a JWK Set: {"keys": […]} with at least one key'),
    );
  });
});

describe('rotation', () => {
  it('puts a new key in front and keeps the two before it', async () => {
    const first = await rotateKeys([]);
    const second = await rotateKeys(first);
    const third = await rotateKeys(second);
    const fourth = await rotateKeys(third);
    expect([first.length, second.length, third.length, fourth.length]).toEqual([1, 2, 3, 3]);
    expect(fourth.slice(1)).toEqual(third.slice(0, 2));
    expect(new Set(fourth.map(({ kid }) => kid)).size).toBe(3);
  });
});

function catchFrom(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
