import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minioRoleArn } from '../../src/identity/role-arn.ts';
import { sessionNameOf, spiffeIdOf, subjectOf } from '../../src/identity/subject.ts';

const account = { namespace: 'payments', name: 'ledger-writer' };

describe('a service account', () => {
  it('has the subject of its Kubernetes tokens', () => {
    expect(subjectOf(account)).toBe('system:serviceaccount:payments:ledger-writer');
  });

  it("has its mesh's SPIFFE ID", () => {
    expect(spiffeIdOf(account, 'cluster.local')).toBe(
      'spiffe://cluster.local/ns/payments/sa/ledger-writer',
    );
    expect(spiffeIdOf(account, 'prod.example.com')).toBe(
      'spiffe://prod.example.com/ns/payments/sa/ledger-writer',
    );
  });

  it('has a session name of namespace and account', () => {
    expect(sessionNameOf(account)).toBe('payments.ledger-writer');
  });

  it('has a session name cut to the 64 characters that STS accepts', () => {
    const long = { namespace: 'n'.repeat(63), name: 'a'.repeat(253) };
    expect(sessionNameOf(long)).toBe(`${'n'.repeat(63)}.`);
    expect(sessionNameOf({ ...account, name: 'a'.repeat(253) })).toHaveLength(64);
  });

  it('has a session name that STS accepts, however long its own is', () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/);
    const namespace = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    fc.assert(
      fc.property(namespace, name, (ns, sa) => {
        const session = sessionNameOf({ namespace: ns, name: sa });
        expect(session).toMatch(/^[\w+=,.@-]{2,64}$/);
        expect(`${ns}.${sa}`.startsWith(session)).toBe(true);
      }),
    );
  });
});

describe("MinIO's role ARN", () => {
  /** RFC 4648 §5 without padding, from the standard alphabet. */
  function base64url(bytes: Buffer): string {
    return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  }

  it('is known for a known client id', () => {
    // printf %s minio | openssl sha1 -binary | basenc --base64url
    expect(minioRoleArn({ audience: 'minio', region: '' })).toBe(
      'arn:minio:iam:::role/MHR2BeH2-q1dHO2yx5U9Mf-tP9Q',
    );
  });

  it('is the SHA-1 of any client id, under any region', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.constantFrom('', 'eu-1'), (audience, region) => {
        const id = base64url(createHash('sha1').update(Buffer.from(audience, 'utf8')).digest());
        expect(minioRoleArn({ audience, region })).toBe(`arn:minio:iam:${region}::role/${id}`);
        expect(id).toHaveLength(27);
      }),
    );
  });
});
