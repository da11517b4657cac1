import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { admit, mutate } from '../../src/engine/admit.ts';
import { formatPath } from '../../src/admission/field-path.ts';
import { aDeployment, anEngine, aPodWith, aRequest, aServiceEntry, aTenant } from '../builders.ts';
import { costInParses, linearCost } from '../cpu-time.ts';

const engine = anEngine({
  tenants: [
    aTenant({
      egress: {
        hosts: ['api.payments.example.com', 'cdn.payments.example.com'],
        cidrs: ['203.0.113.0/28'],
      },
    }),
  ],
});

/** "rule path" of everything denied. */
async function denied(object: JsonRecord, oldObject?: JsonRecord): Promise<string[]> {
  const { decision } = await admit(aRequest({ object, oldObject }), engine);
  return decision.denied.map(
    ({ finding }) => `${finding.rule.id} ${formatPath(finding.violation.path)}`,
  );
}

describe('an old violation is no licence', () => {
  const open = (number: number): JsonRecord =>
    aServiceEntry(['api.payments.example.com'], {
      resolution: 'NONE',
      ports: [{ number, name: 'tcp', protocol: 'TCP' }],
    });

  it('for another open port', async () => {
    expect(await denied(open(6379), open(5432))).toEqual(['service-entry-endpoint spec.ports[0]']);
    expect(await denied(open(5432), open(5432))).toEqual([]);
  });

  it('for resolving another host dynamically', async () => {
    const dynamic = (host: string): JsonRecord =>
      aServiceEntry([host], { resolution: 'DYNAMIC_DNS' });
    const before = dynamic('api.payments.example.com');
    expect(await denied(dynamic('cdn.payments.example.com'), before)).toEqual([
      'service-entry-endpoint spec.resolution',
    ]);
    expect(await denied(before, before)).toEqual([]);
  });

  it.each([
    ['to everybody', { exportTo: ['*'] }, 'export-scope spec.exportTo[0]'],
    ['without saying to whom', { exportTo: [] }, 'export-scope spec.exportTo'],
  ])('for exporting another host %s', async (_, exported, violation) => {
    const before = aServiceEntry(['api.payments.example.com'], exported);
    const after = aServiceEntry(['cdn.payments.example.com'], exported);
    expect(await denied(after, before)).toEqual([violation]);
    expect(await denied(before, before)).toEqual([]);
  });
});

describe('an own Service with virtual addresses', () => {
  const entry = (spec: JsonRecord): JsonRecord =>
    aServiceEntry(['ledger.payments.svc.cluster.local'], {
      addresses: ['203.0.113.0/28'],
      resolution: 'NONE',
      ports: [{ number: 443, name: 'tcp', protocol: 'TCP' }],
      ...spec,
    });

  it('does not take the traffic to them from the whole mesh', async () => {
    expect(await denied(entry({ exportTo: ['*'] }))).toEqual(['export-scope spec.exportTo[0]']);
  });

  it('is kept in its namespace', async () => {
    const { patch } = await mutate(aRequest({ object: entry({ exportTo: [] }) }), engine);
    expect(patch).toEqual([{ op: 'add', path: '/spec/exportTo', value: ['.'] }]);
  });
});

describe('a foreign bucket is seen', () => {
  it.each([
    'https://minio.storage.svc:9000/payments-ledger/../analytics-raw/x',
    'https://minio.storage.svc:9000/payments-ledger/%2e%2e/analytics-raw/x',
    'https://minio.storage.svc:9000/minio/../analytics-raw/x',
    'https://minio.storage.svc:9000/./analytics-raw',
    'https://minio.storage.svc:09000/analytics-raw',
    's3a://analytics-raw:/x',
  ])('in %s', async (text) => {
    expect(await denied(aDeployment({ args: [text] }))).toEqual([
      'bucket-outside-tenant spec.template.spec.containers[0].args[0]',
    ]);
  });
});

describe('an answer in time', () => {
  const many = (make: (index: number) => string): string[] =>
    Array.from({ length: 60_000 }, (_, index) => make(index));

  it.each([
    ['buckets that look like hexadecimal', many((index) => `s3://abc${index}`)],
    ['URLs at numbers that are no addresses', many((index) => `http://999.1.1.${index}/x`)],
    ['URLs at brackets that are no addresses', many((index) => `http://[1:${index}]/x`)],
  ])('is given to a pod with tens of thousands of %s', async (_, args) => {
    const request = aRequest({ object: aPodWith({ args }) });
    const judge = async (): Promise<boolean> => (await admit(request, engine)).decision.allowed;
    expect(await costInParses(JSON.stringify(args).length, judge)).toBeLessThan(linearCost);
    expect(await judge()).toBe(false);
  });
});

describe('a request whose kind does not fit its resource', () => {
  it('is refused: no rule would find a workload in it', async () => {
    const request = aRequest({ object: aPodWith({}) });
    const kind = { ...request.kind, kind: 'Binding' };
    const { decision } = await admit({ ...request, kind }, engine);
    expect(decision.message).toBe(
      'Bucketwarden has no rule for Binding (pods of group ""); remove that resource from the webhook configuration',
    );
  });
});
