import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueCertificates } from '../../src/certs/issue.ts';

const now = new Date('2026-12-01T12:00:00Z');
const dnsNames = ['bucketwarden.example.svc', 'localhost', '127.0.0.1', '::1'];

async function issued(): Promise<{ ca: X509Certificate; serving: X509Certificate }> {
  const { ca, serving } = await issueCertificates({ dnsNames, now });
  return {
    ca: new X509Certificate(ca.certificate),
    serving: new X509Certificate(serving.certificate),
  };
}

describe('issued certificates', () => {
  it('are for names and addresses, and for servers only', async () => {
    const { serving } = await issued();
    expect(serving.subjectAltName).toBe(
      'DNS:bucketwarden.example.svc, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
    expect(serving.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(serving.ca).toBe(false);
    expect(serving.subject).toBe('CN=bucketwarden.example.svc');
  });

  it('begin five minutes early, for clocks that run behind', async () => {
    const { ca, serving } = await issued();
    expect(ca.validFromDate).toEqual(new Date('2026-12-01T11:55:00Z'));
    expect(serving.validFromDate).toEqual(ca.validFromDate);
  });

  it('last ten years and one year', async () => {
    const { ca, serving } = await issued();
    expect(ca.validToDate).toEqual(new Date('2036-11-28T12:00:00Z'));
    expect(serving.validToDate).toEqual(new Date('2027-12-01T12:00:00Z'));
  });

  it('never outlive the authority that signs them', async () => {
    const { ca } = await issueCertificates({ dnsNames, now });
    const nearItsEnd = new Date('2036-11-01T12:00:00Z');
    const { serving } = await issueCertificates({ dnsNames, now: nearItsEnd, ca });
    expect(new X509Certificate(serving.certificate).validToDate).toEqual(
      new Date('2036-11-28T12:00:00Z'),
    );
  });

  it('have an authority that signs certificates and nothing below it', async () => {
    const { ca } = await issued();
    expect(ca.ca).toBe(true);
    expect(ca.subject).toBe('CN=Bucketwarden CA');
    expect(ca.checkIssued(ca)).toBe(true);
  });

  it('have random serial numbers', async () => {
    const [one, other] = await Promise.all([issued(), issued()]);
    expect(one.serving.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(one.serving.serialNumber).not.toBe(other.serving.serialNumber);
  });

  it('take a long name, which does not fit the common name', async () => {
    const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.svc`;
    const { serving } = await issueCertificates({ dnsNames: [long], now });
    expect(new X509Certificate(serving.certificate).checkHost(long)).toBe(long);
  });

  it('need a name', async () => {
    await expect(issueCertificates({ dnsNames: [], now })).rejects.toThrow(
      'a serving certificate needs at least one name',
    );
  });
});
