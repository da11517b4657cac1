import { CompactSign, importJWK, SignJWT, UnsecuredJWT, type JWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { Attestor } from '../../src/identity/attestation.ts';
import { createKeyRing, generateSigningKey, rotateKeys } from '../../src/identity/key-ring.ts';
import type { AttestationClaims } from '../../src/identity/storage-identity.ts';
import { today } from '../builders.ts';

const claims: AttestationClaims = {
  tenant: 'payments',
  namespace: 'payments',
  serviceAccount: 'ledger-writer',
  generation: '0123456789abcdef',
  grants: 'mJ0kC2RZw0wHWXQ4sVfRkq1mHh3WvYw3bJ8aX2c5d6E',
  config: 'kT3hYp0vQ2mB1nWc7rXe9sLz4uAf6gDj8iKo5tMyHqU',
};

const signed = { kind: 'signed', claims, isVerified: true };

let keys: JWK[];

beforeAll(async () => {
  keys = [await generateSigningKey()];
});

async function anAttestor(ring: readonly JWK[] = keys, now = (): Date => today): Promise<Attestor> {
  return new Attestor(await createKeyRing(ring), { now, cacheSize: 10 });
}

/** A JWS as we make it, except for what is given. */
async function jws({
  key = keys[0],
  header = {},
  payload = { iss: 'bucketwarden.io', iat: 1, ...claims },
}: {
  readonly key?: JWK | undefined;
  readonly header?: object;
  readonly payload?: unknown;
} = {}): Promise<string> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const signer = new CompactSign(new TextEncoder().encode(text));
  const kid = keys[0]?.kid ?? '';
  signer.setProtectedHeader({ alg: 'ES256', kid, ...header });
  return signer.sign(await importJWK(key ?? {}, 'ES256'), { crit: { example: true } });
}

function parts(token: string): { readonly header: unknown; readonly payload: unknown } {
  const [header = '', payload = ''] = token.split('.');
  const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { header: read(header), payload: read(payload) };
}

describe('an attestation', () => {
  it('states who was admitted and when, nothing about one pod, and does not expire', async () => {
    const token = await (await anAttestor()).sign(claims);
    expect(parts(token)).toEqual({
      header: { alg: 'ES256', kid: keys[0]?.kid, typ: 'bucketwarden-attestation+jwt' },
      payload: { iss: 'bucketwarden.io', iat: today.getTime() / 1000, ...claims },
    });
    expect(token.length).toBeLessThan(1_000);
  });

  it('is believed by every replica that has the keys', async () => {
    const token = await (await anAttestor()).sign(claims);
    const replica = await anAttestor();
    expect(replica.recallVerdict(token)).toBeUndefined();
    expect(await replica.verify(token)).toEqual(signed);
    expect(replica.recallVerdict(token)).toEqual(signed);
  });

  it('is the same text for the same claims, whenever it is asked for', async () => {
    let now = today;
    const attestor = await anAttestor(keys, () => now);
    const first = await attestor.sign(claims);
    now = new Date(today.getTime() + 3_600_000);
    expect(await attestor.sign({ ...claims })).toBe(first);
    expect(attestor.recall({ ...claims })).toBe(first);
  });

  it.each(['tenant', 'namespace', 'serviceAccount', 'generation', 'grants', 'config'] as const)(
    'is another one for another %s',
    async (claim) => {
      const attestor = await anAttestor();
      const first = await attestor.sign(claims);
      const changed = { ...claims, [claim]: 'other' };
      expect(attestor.recall(changed)).toBeUndefined();
      expect(await attestor.sign(changed)).not.toBe(first);
      expect(attestor.recallVerdict(await attestor.sign(changed))).toEqual({
        kind: 'signed',
        claims: changed,
        isVerified: true,
      });
    },
  );

  it('from before the config was stated is valid, and states none', async () => {
    const payload = { iss: 'bucketwarden.io', iat: 1, ...claims, config: undefined };
    const verdict = await (await anAttestor()).verify(await jws({ payload }));
    expect(verdict).toEqual({ ...signed, claims: { ...claims, config: '' } });
  });

  it('of a key that is not ours is told from a forged one', async () => {
    const key = await generateSigningKey();
    const token = await jws({ key, header: { kid: key.kid } });
    const attestor = await anAttestor();
    expect(await attestor.verify(token)).toEqual({ kind: 'unknown-key', claims });
    expect(attestor.recallVerdict(token)).toBeUndefined();
  });

  it('that is not there is absent', async () => {
    const attestor = await anAttestor();
    expect(attestor.recallVerdict(undefined)).toEqual({ kind: 'absent' });
    expect(await attestor.verify(undefined)).toEqual({ kind: 'absent' });
  });
});

describe('rotation', () => {
  it('keeps what the key before signed, and what the one before that signed', async () => {
    const rotated = await rotateKeys(await rotateKeys(keys));
    const token = await (await anAttestor()).sign(claims);
    expect(await (await anAttestor(rotated)).verify(token)).toEqual(signed);
  });

  it('signs with the new key, which the old ring does not know', async () => {
    const rotated = await rotateKeys(keys);
    const token = await (await anAttestor(rotated)).sign(claims);
    expect(parts(token).header).toMatchObject({ kid: rotated[0]?.kid });
    const verdict = await (await anAttestor(keys)).verify(token);
    expect(verdict).toEqual({ kind: 'unknown-key', claims });
  });

  it('ends for a key that was dropped: it is not known any more', async () => {
    const token = await (await anAttestor()).sign(claims);
    const later = (await rotateKeys(await rotateKeys(await rotateKeys(keys)))).slice(0, 3);
    expect(later.map(({ kid }) => kid)).not.toContain(keys[0]?.kid);
    const verdict = await (await anAttestor(later)).verify(token);
    expect(verdict).toEqual({ kind: 'unknown-key', claims });
  });

  it('serves the keys it verifies with', async () => {
    const rotated = await rotateKeys(keys);
    const { jwks } = await anAttestor(rotated);
    expect(jwks.keys.map(({ kid }) => kid)).toEqual(rotated.map(({ kid }) => kid));
  });
});

describe('a forged attestation', () => {
  const secret = new TextEncoder().encode('minio');
  const payload = { iss: 'bucketwarden.io', iat: 1, ...claims };
  const unknown = async (of: unknown = payload): Promise<string> =>
    jws({ header: { kid: 'other' }, payload: of });

  it.each<readonly [string, () => Promise<string> | string]>([
    [
      'signed by somebody else under our key name',
      async () => jws({ key: await generateSigningKey() }),
    ],
    ['without a key name', async () => jws({ header: { kid: undefined } })],
    ['of an unknown key without a name', async () => jws({ header: { kid: '' } })],
    ['of an unknown key, with half a signature', async () => (await unknown()).slice(0, -43)],
    ['of an unknown key, in five parts', async () => `${await unknown()}.a.b`],
    ['of an unknown key and another issuer', async () => unknown({ ...payload, iss: 'other' })],
    ['of an unknown key, over no JSON', async () => unknown('hello')],
    [
      'of an unknown key and another algorithm',
      async () => {
        const [, body = '', signature = ''] = (await unknown()).split('.');
        const header = Buffer.from('{"alg":"ES384","kid":"other"}').toString('base64url');
        return `${header}.${body}.${signature}`;
      },
    ],
    ['without a signature', () => new UnsecuredJWT(payload).encode()],
    [
      'without a signature, under our key name',
      () => {
        const header = JSON.stringify({ alg: 'none', kid: keys[0]?.kid });
        const encode = (text: string): string => Buffer.from(text).toString('base64url');
        return `${encode(header)}.${encode(JSON.stringify(payload))}.`;
      },
    ],
    [
      'by HS256',
      () =>
        new SignJWT(payload)
          .setProtectedHeader({ alg: 'HS256', kid: keys[0]?.kid ?? '' })
          .sign(secret),
    ],
    [
      'by HS256 with our public key as the secret',
      () =>
        new SignJWT(payload)
          .setProtectedHeader({ alg: 'HS256', kid: keys[0]?.kid ?? '' })
          .sign(new TextEncoder().encode(JSON.stringify({ x: keys[0]?.x, y: keys[0]?.y }))),
    ],
    ['with a changed payload', async () => changed(await jws(), 1)],
    ['with a changed header', async () => changed(await jws(), 0)],
    ['with a changed signature', async () => changed(await jws(), 2)],
    ['with its signature cut off', async () => (await jws()).replace(/[^.]+$/, '')],
    [
      'of another issuer',
      async () => jws({ payload: { ...payload, iss: 'https://idp.example.com' } }),
    ],
    ['of no issuer', async () => jws({ payload: claims })],
    ['over something else than claims', async () => jws({ payload: [1] })],
    ['over no JSON', async () => jws({ payload: 'hello' })],
    [
      'with an extension nobody knows',
      async () => jws({ header: { crit: ['example'], example: 1 } }),
    ],
    ['of nothing', () => ''],
    ['of dots', () => '..'],
    ['of text', () => 'hello'],
    ['of JSON', () => JSON.stringify(payload)],
    ['in five parts', async () => `${await jws()}.a.b`],
    ['of half a surrogate pair', () => '\uD800.\uD800.\uD800'],
  ])('%s is recognised', async (_what, make) => {
    const attestor = await anAttestor();
    expect(await attestor.verify(await make())).toEqual({ kind: 'forged' });
  });

  it('that is too long is not even looked at', async () => {
    const attestor = await anAttestor();
    const long = await jws({ payload: { ...payload, filler: 'x'.repeat(4_096) } });
    expect(await attestor.verify(long)).toEqual({ kind: 'forged' });
    const short = await jws({ payload: { ...payload, filler: 'x'.repeat(1_000) } });
    expect(await attestor.verify(short)).toEqual(signed);
  });

  it('is not kept in memory', async () => {
    const attestor = await anAttestor();
    const forged = await jws({ key: await generateSigningKey() });
    await attestor.verify(forged);
    expect(attestor.recallVerdict(forged)).toBeUndefined();
  });

  it('with our signature but without some claim states nothing there', async () => {
    const attestor = await anAttestor();
    const token = await jws({
      payload: { iss: 'bucketwarden.io', tenant: 7, namespace: 'payments' },
    });
    expect(await attestor.verify(token)).toEqual({
      kind: 'signed',
      claims: {
        tenant: '',
        namespace: 'payments',
        serviceAccount: '',
        generation: '',
        grants: '',
        config: '',
      },
      isVerified: true,
    });
  });
});

/** The token with one character of a part replaced. */
function changed(token: string, part: number): string {
  const all = token.split('.');
  const text = all[part] ?? '';
  all[part] = `${text.slice(0, 4)}${text.charAt(4) === 'A' ? 'B' : 'A'}${text.slice(5)}`;
  return all.join('.');
}
