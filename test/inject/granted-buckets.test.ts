import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import type { Engine } from '../../src/engine/admit.ts';
import { anEngine, aPod, aPodWith, aRequest, aTenant } from '../builders.ts';
import { admitted, injected } from './admission-cycle.ts';
import { annotationsOf } from './expected-identity.ts';

const engine = anEngine();

async function messageFor(object: JsonRecord, to: Engine = engine): Promise<string> {
  return (await admitted(object, to)).decision.message;
}

describe('the list of granted buckets', () => {
  async function listFor(pod: JsonRecord, to: Engine = engine): Promise<unknown> {
    return annotationsOf(await injected(aRequest({ object: pod }), to))[
      'bucketwarden.io/granted-buckets'
    ];
  }

  it('holds what the pod asks for and may have, sorted, and nothing else', async () => {
    const tenants = [
      aTenant({
        buckets: [{ name: 'payments-ledger' }, { name: 'payments-tmp-*', access: 'ReadOnly' }],
      }),
      aTenant({ name: 'analytics' }),
    ];
    const pod = aPod({
      metadata: { annotations: { 'bucketwarden.io/buckets': 'payments-ledger:wo' } },
      spec: {
        containers: [{ name: 'a', args: ['s3://payments-tmp-a/x', '--bucket=analytics-ledger'] }],
      },
    });
    expect(await listFor(pod, anEngine({ tenants }))).toBe('payments-ledger:wo,payments-tmp-a:ro');
  });

  it('is left out when the pod asks for nothing', async () => {
    expect(await listFor(aPod())).toBeUndefined();
  });

  it('is cut below 4 KiB and counts the rest', async () => {
    const tenants = [aTenant({ buckets: [{ name: 'payments-*' }] })];
    const names = Array.from(
      { length: 300 },
      (_, index) => `payments-bucket-number-${1000 + index}`,
    );
    const list = await listFor(
      aPodWith({ args: names.map((name) => `s3://${name}/`) }),
      anEngine({ tenants }),
    );
    const text = String(list);
    expect(text.length).toBeLessThanOrEqual(4096);
    expect(text.length).toBeGreaterThan(4000);
    expect(text).toMatch(
      /^payments-bucket-number-1000:rw,payments-bucket-number-1001:rw,.*,\+169 more$/,
    );
    expect(text.split(':rw').length - 1 + 169).toBe(300);
  });

  it('is accepted after it was cut', async () => {
    const tenants = [aTenant({ buckets: [{ name: 'payments-*' }] })];
    const names = Array.from(
      { length: 300 },
      (_, index) => `payments-bucket-number-${1000 + index}`,
    );
    const pod = aPodWith({ args: names.map((name) => `s3://${name}/`) });
    expect(await messageFor(pod, anEngine({ tenants }))).toBe('');
  });

  it('is computed anew when the user wrote one', async () => {
    const pod = aPod({
      metadata: {
        annotations: {
          'bucketwarden.io/granted-buckets': 'analytics-ledger:rw',
          'bucketwarden.io/buckets': 'payments-ledger',
        },
      },
    });
    expect(await listFor(pod)).toBe('payments-ledger:ro');
  });

  it('is denied when it names what is not granted', async () => {
    const annotations = { 'bucketwarden.io/granted-buckets': 'analytics-ledger:rw' };
    expect(await messageFor(aPod({ metadata: { annotations } }))).toBe(
      'Pod "payments/report" of tenant "payments" breaks a rule:\n' +
        '- [storage-identity] metadata.annotations["bucketwarden.io/granted-buckets"]: ' +
        '"analytics-ledger" is not granted. ' +
        'Leave everything named bucketwarden.io/… and the injected variables to Bucketwarden',
    );
  });

  it('is denied unread when it is longer than Bucketwarden writes', async () => {
    const list = 'payments-ledger:ro,'.repeat(215).slice(0, -1);
    const longest = { 'bucketwarden.io/granted-buckets': list };
    const longer = { 'bucketwarden.io/granted-buckets': list.padEnd(4097, ',') };
    expect(await messageFor(aPod({ metadata: { annotations: longest } }))).toBe('');
    expect(await messageFor(aPod({ metadata: { annotations: longer } }))).toBe(
      'Pod "payments/report" of tenant "payments" breaks a rule:\n' +
        '- [storage-identity] metadata.annotations["bucketwarden.io/granted-buckets"]: ' +
        'is longer than 4096 characters. ' +
        'Leave everything named bucketwarden.io/… and the injected variables to Bucketwarden',
    );
  });
});
