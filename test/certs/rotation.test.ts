import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fillDirectory } from '../../src/certs/certificate-directory.ts';
import { createKeyRing, parseKeySet } from '../../src/identity/key-ring.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bucketwarden-certs-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

type Files = Record<'ca.crt' | 'ca.key' | 'tls.crt' | 'tls.key' | 'signing-keys.json', string>;

async function fill(isRotating: boolean): Promise<Files> {
  const dnsNames = ['bucketwarden.example.svc', 'localhost', '127.0.0.1'];
  await fillDirectory({ directory, dnsNames, isRotating, now: new Date() });
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  return {
    'ca.crt': read('ca.crt'),
    'ca.key': read('ca.key'),
    'tls.crt': read('tls.crt'),
    'tls.key': read('tls.key'),
    'signing-keys.json': read('signing-keys.json'),
  };
}

/** "ok" when a client that trusts `ca` accepts the server, else the reason it gives. */
async function handshake(ca: string, server: Files): Promise<string> {
  const listener = createServer({ cert: server['tls.crt'], key: server['tls.key'] });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1', servername: 'bucketwarden.example.svc', ca });
  try {
    await once(client, 'secureConnect');
    return 'ok';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    client.destroy();
    listener.close();
  }
}

describe('the files of a certificate directory', () => {
  it('fit each other: the authority signed the certificate, the keys are theirs', async () => {
    const files = await fill(false);
    const ca = new X509Certificate(files['ca.crt']);
    const serving = new X509Certificate(files['tls.crt']);
    expect(serving.verify(ca.publicKey)).toBe(true);
    expect(serving.checkIssued(ca)).toBe(true);
    expect(serving.checkPrivateKey(createPrivateKey(files['tls.key']))).toBe(true);
    expect(ca.checkPrivateKey(createPrivateKey(files['ca.key']))).toBe(true);
  });

  it('hold a key for attestations that the server can use', async () => {
    const { jwks } = await createKeyRing(parseKeySet((await fill(false))['signing-keys.json']));
    expect(jwks.keys).toHaveLength(1);
  });

  it('make a TLS connection', async () => {
    const files = await fill(false);
    expect(await handshake(files['ca.crt'], files)).toBe('ok');
  });
});

describe('a rotation', () => {
  it('replaces authority, certificate and both keys', async () => {
    const before = await fill(false);
    const after = await fill(true);
    for (const name of ['ca.key', 'tls.crt', 'tls.key'] as const) {
      expect(after[name]).not.toBe(before[name]);
    }
    expect(after['ca.crt'].endsWith(before['ca.crt'])).toBe(true);
  });

  it('lets clients with the new bundle trust the server before and after it changes', async () => {
    const before = await fill(false);
    const after = await fill(true);
    expect(await handshake(after['ca.crt'], before)).toBe('ok');
    expect(await handshake(after['ca.crt'], after)).toBe('ok');
  });

  it('is not trusted by clients that were not given the new bundle', async () => {
    const before = await fill(false);
    const after = await fill(true);
    expect(await handshake(before['ca.crt'], after)).toMatch(
      /SIGNATURE_FAILURE|UNABLE_TO_VERIFY_LEAF_SIGNATURE/,
    );
  });

  it('keeps one authority before the new one, and no older', async () => {
    const first = await fill(false);
    const second = await fill(true);
    const third = await fill(true);
    expect(third['ca.crt'].match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(await handshake(third['ca.crt'], second)).toBe('ok');
    expect(await handshake(third['ca.crt'], first)).not.toBe('ok');
  });

  it('signs a later certificate with the new authority, not the old one in the bundle', async () => {
    await fill(false);
    const rotated = await fill(true);
    rmSync(join(directory, 'tls.crt'));
    const later = await fill(false);
    expect(later['ca.crt']).toBe(rotated['ca.crt']);
    expect(await handshake(later['ca.crt'], later)).toBe('ok');
    expect(
      new X509Certificate(later['tls.crt']).verify(new X509Certificate(later['ca.crt']).publicKey),
    ).toBe(true);
  });

  it('signs with a new key and still verifies with the old one', async () => {
    const [before] = parseKeySet((await fill(false))['signing-keys.json']);
    const after = parseKeySet((await fill(true))['signing-keys.json']);
    expect(after).toHaveLength(2);
    expect(after[0]?.kid).not.toBe(before?.kid);
    expect(after[1]).toEqual(before);
  });
});
