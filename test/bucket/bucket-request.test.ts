import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessModes, suffixOfAccess } from '../../src/bucket/access.ts';
import { parseBucketRequests } from '../../src/bucket/bucket-request.ts';
import { bucketName } from './arbitraries.ts';

describe('the buckets annotation', () => {
  it('asks for each bucket with its access, reading without one', () => {
    expect(
      parseBucketRequests('payments-ledger:rw, analytics-reports , tmp.drop:wo,old:ro'),
    ).toEqual({
      requests: [
        { bucket: 'payments-ledger', access: 'ReadWrite' },
        { bucket: 'analytics-reports', access: 'ReadOnly' },
        { bucket: 'tmp.drop', access: 'WriteOnly' },
        { bucket: 'old', access: 'ReadOnly' },
      ],
      unreadable: [],
    });
  });

  it.each(['', ' ', ',', ' , ,\n'])('asks for nothing when it is %j', (text) => {
    expect(parseBucketRequests(text)).toEqual({ requests: [], unreadable: [] });
  });

  it.each([
    'ledger:RW',
    'ledger:',
    ':rw',
    'ledger:rw:rw',
    'ledger: rw',
    'ledger;reports',
    'team-*',
    's3://ledger',
    'ledger/invoices',
    '$(BUCKET)',
    'ab',
    'ledger:constructor',
  ])('reports %j as written instead of dropping it', (entry) => {
    expect(parseBucketRequests(`first-one, ${entry},last-one:wo`)).toEqual({
      requests: [
        { bucket: 'first-one', access: 'ReadOnly' },
        { bucket: 'last-one', access: 'WriteOnly' },
      ],
      unreadable: [entry],
    });
  });

  it('comes back from its text', () => {
    const request = fc.record({ bucket: bucketName, access: fc.constantFrom(...accessModes) });
    fc.assert(
      fc.property(fc.array(request), (requests) => {
        const text = requests
          .map(({ bucket, access }) => `${bucket}:${suffixOfAccess(access)}`)
          .join(', ');
        expect(parseBucketRequests(text)).toEqual({ requests, unreadable: [] });
      }),
    );
  });

  it('accounts for every entry of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { requests, unreadable } = parseBucketRequests(text);
        const entries = text.split(',').filter((entry) => entry.trim() !== '');
        expect(requests.length + unreadable.length).toBe(entries.length);
      }),
      { numRuns: 1_000 },
    );
  });
});
