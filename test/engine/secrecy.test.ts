import { describe, expect, it } from 'vitest';
import { aDeployment, anEngine, aRequest, aServiceEntry, aTenant } from '../builders.ts';
import { messageFor } from './questions.ts';

describe('nobody learns from a denial (F1, F10)', () => {
  const withNeighbour = anEngine({
    tenants: [
      aTenant(),
      aTenant({
        name: 'analytics',
        buckets: [{ name: 'analytics-raw' }],
        egress: { hosts: ['api.vendor.example.com'] },
        ingress: { hosts: ['reports.example.com'] },
      }),
    ],
  });

  it.each([
    ['in an argument', (name: string) => aDeployment({ args: [`s3://${name}/key`] })],
    ['in a variable', (name: string) => aDeployment({ env: [{ name: 'S3_BUCKET', value: name }] })],
    [
      'in a URL',
      (name: string) => aDeployment({ args: [`https://${name}.minio.storage.svc:9000/x`] }),
    ],
    [
      'in the annotation',
      (name: string) =>
        aDeployment({}, { template: { annotations: { 'bucketwarden.io/buckets': `${name}:rw` } } }),
    ],
  ])('whether a bucket %s exists', async (_, objectWith) => {
    const foreign = await messageFor(
      aRequest({ object: objectWith('analytics-raw') }),
      withNeighbour,
    );
    const absent = await messageFor(
      aRequest({ object: objectWith('analytics-xyz') }),
      withNeighbour,
    );
    expect(foreign).toContain(
      'bucket "analytics-raw" is not granted; granted: "payments-ledger ReadWrite". ',
    );
    expect(absent.replaceAll('analytics-xyz', 'analytics-raw')).toBe(foreign);
  });

  it.each([
    ['that another tenant publishes', 'reports.example.com'],
    ['that another tenant may reach', 'api.vendor.example.com'],
  ])('whose a host is %s', async (_, host) => {
    const foreign = await messageFor(aRequest({ object: aServiceEntry([host]) }), withNeighbour);
    const absent = await messageFor(
      aRequest({ object: aServiceEntry(['nobody.example.com']) }),
      withNeighbour,
    );
    expect(foreign).toContain(
      `host "${host}" is not granted; granted: "api.payments.example.com". `,
    );
    expect(absent.replaceAll('nobody.example.com', host)).toBe(foreign);
  });

  it('whether a wildcard would cover a foreign host', async () => {
    const foreign = await messageFor(
      aRequest({ object: aServiceEntry(['*.vendor.example.com']) }),
      withNeighbour,
    );
    const absent = await messageFor(
      aRequest({ object: aServiceEntry(['*.nobody.example.com']) }),
      withNeighbour,
    );
    expect(foreign).toContain('is not granted');
    expect(absent.replaceAll('nobody', 'vendor')).toBe(foreign);
  });
});
