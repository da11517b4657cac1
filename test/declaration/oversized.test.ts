import { describe, expect, it } from 'vitest';
import { decodeTenant } from '../../src/declaration/load.ts';

function problemsOf(spec: object): unknown {
  return decodeTenant({
    apiVersion: 'bucketwarden.io/v1alpha1',
    kind: 'StorageTenant',
    metadata: { name: 'payments' },
    spec: { namespaces: ['payments'], ...spec },
  }).problems;
}

function times<Value>(count: number, value: Value): Value[] {
  return Array.from({ length: count }, () => value);
}

describe('a declaration of absurd size', () => {
  it.each([
    [
      'a list',
      { namespaces: times(10_000, 'UPPER') },
      { path: ['spec', 'namespaces'], message: 'has 10000 entries; at most 256 are allowed' },
    ],
    [
      'a list inside another',
      { buckets: [{ name: 'payments-a', serviceAccounts: times(10_000, 7) }] },
      {
        path: ['spec', 'buckets', 0, 'serviceAccounts'],
        message: 'has 10000 entries; at most 64 are allowed',
      },
    ],
    [
      'a text',
      { namespaces: ['A'.repeat(1_000_000)] },
      {
        path: ['spec', 'namespaces', 0],
        message: 'has 1000000 characters; at most 63 are allowed',
      },
    ],
  ])('is told its size and nothing else: %s', (_what, spec, problem) => {
    expect(problemsOf(spec)).toEqual([problem]);
  });

  it('is told its first hundred errors when each list is of an allowed length', () => {
    const serviceAccounts = times(64, 7);
    const buckets = times(256, { name: 'payments-a', serviceAccounts });
    expect(problemsOf({ buckets })).toHaveLength(100);
  });
});
