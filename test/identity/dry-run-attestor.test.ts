import { expect, it } from 'vitest';
import { Attestor } from '../../src/identity/attestation.ts';
import { DryRunAttestor, unsignedAttestation } from '../../src/identity/dry-run-attestor.ts';
import { createKeyRing, generateSigningKey } from '../../src/identity/key-ring.ts';

const claims = {
  tenant: 'payments',
  namespace: 'payments',
  serviceAccount: 'ledger-writer',
  generation: '0123456789abcdef',
  grants: 'hash',
  config: 'fingerprint',
};

const stated = { kind: 'signed', claims, isVerified: false };

it('knows again what it signed itself', async () => {
  const attestor = new DryRunAttestor();
  expect(await attestor.sign(claims)).toBe(unsignedAttestation);
  expect(await attestor.verify(unsignedAttestation)).toEqual(stated);
});

it('takes its own placeholder for forged when it did not put it there', async () => {
  const attestor = new DryRunAttestor();
  expect(attestor.recallVerdict(unsignedAttestation)).toEqual({ kind: 'forged' });
  await attestor.sign(claims);
  expect(attestor.recallVerdict(unsignedAttestation)).toEqual({ kind: 'forged' });
});

it('reads what a real attestation states, without its key', async () => {
  const keys = await createKeyRing([await generateSigningKey()]);
  const server = new Attestor(keys, { now: () => new Date(), cacheSize: 10 });
  const jws = await server.sign(claims);
  expect(new DryRunAttestor().recallVerdict(jws)).toEqual(stated);
});

it.each([
  '',
  'x',
  'a.b.c',
  `a.${Buffer.from('{"iss":"other"}').toString('base64url')}.c`,
  'a.e30.',
])('takes %j for forged', (jws) => {
  expect(new DryRunAttestor().recallVerdict(jws)).toEqual({ kind: 'forged' });
});
