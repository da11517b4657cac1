import type { Workload } from '../../../src/objects/workload/pod-template.ts';
import { fc, test } from './property.ts';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../src/objects/workload/environment.ts';
import { createReadingBudget } from '../../../src/objects/workload/reading-budget.ts';
import { expandShellVariables, expandVariables } from '../../../src/objects/workload/expansion.ts';

const variables = new Map<string, string | undefined>([
  ['A', 'x'],
  ['EMPTY', ''],
  ['REF', '$(A)'],
  ['SECRET', undefined],
]);

/** Expectations are those of Kubernetes' own table, third_party/forked/golang/expansion/expand_test.go. */
describe('expandVariables', () => {
  it.each([
    ['$(A)', 'x'],
    ['___$(A)___', '___x___'],
    ['$(A)-$(A)', 'x-x'],
    ['$(EMPTY)', ''],
    ['$(REF)', '$(A)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$x'],
    ['$$$$(A)', '$$(A)'],
    ['$$', '$'],
    ['$', '$'],
    ['a$', 'a$'],
    ['$A', '$A'],
    ['${A}', '${A}'],
    ['$(UNKNOWN)', '$(UNKNOWN)'],
    ['$(SECRET)', '$(SECRET)'],
    ['$()', '$()'],
    ['$(A', '$(A'],
    ['$($(A))', '$($(A))'],
    ['$(A))', 'x)'],
    ['no dollar', 'no dollar'],
  ])('expands %j to %j as the kubelet does', (text, expanded) => {
    expect(expandVariables(text, variables, createReadingBudget())).toBe(expanded);
  });

  test('leaves text without dollars alone', fc.string(), (text) => {
    const plain = text.replaceAll('$', '');
    expect(expandVariables(plain, variables, createReadingBudget())).toBe(plain);
  });
});

describe('expandShellVariables', () => {
  it.each([
    ['$A', 'x'],
    ['${A}', 'x'],
    ['$A/$A', 'x/x'],
    ['${A}B', 'xB'],
    ['$AB', '$AB'],
    ['${UNSET}', '${UNSET}'],
    ['${A:-y}', 'x'],
    ['${A-y}/${A:=y}/${A:?y}/${A%/}', 'x/x/x/x'],
    ['${A:+y}', '${A:+y}'],
    ['${EMPTY:-y}', '${EMPTY:-y}'],
    ['${EMPTY-y}', ''],
    ['${UNSET:-y}', '${UNSET:-y}'],
    ['$SECRET', '$SECRET'],
    ['${EMPTY}y', 'y'],
    ['$1', '$1'],
    ['$(A)', '$(A)'],
  ])('expands %j to %j', (text, expanded) => {
    expect(expandShellVariables(text, variables, createReadingBudget())).toBe(expanded);
  });
});

describe('readEnvironment', () => {
  const workload: Workload = {
    isPod: true,
    spec: { serviceAccountName: 'writer' },
    specPath: ['spec'],
    metadata: { name: 'job', labels: { team: 'a' }, annotations: { 'acme.io/bucket': 'ledger' } },
    metadataPath: ['metadata'],
  };
  function read(env: unknown): ReturnType<typeof readEnvironment> {
    return readEnvironment(
      { list: 'containers', path: ['c'], name: 'c', value: { env } },
      { workload, budget: createReadingBudget() },
    );
  }

  it('expands with what was defined before, never with what comes after', () => {
    const { entries } = read([
      { name: 'EARLY', value: '$(LATE)' },
      { name: 'LATE', value: 'z' },
      { name: 'USES', value: '$(LATE)-$(EARLY)' },
    ]);
    expect(entries.map(({ value }) => value)).toEqual(['$(LATE)', 'z', 'z-$(LATE)']);
  });

  it('lets the later of two entries win and keeps both', () => {
    const { entries, variables: found } = read([
      { name: 'B', value: 'first' },
      { name: 'B', value: 'second' },
    ]);
    expect(entries.map(({ value }) => value)).toEqual(['first', 'second']);
    expect(found.get('B')).toBe('second');
  });

  it('knows the source of a value that comes from elsewhere', () => {
    const { entries, variables: found } = read([
      { name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    ]);
    expect(entries).toEqual([
      { name: 'B', index: 0, value: undefined, literal: undefined, source: 'secretKeyRef' },
    ]);
    expect(found.has('B')).toBe(true);
  });

  it.each([
    ["metadata.annotations['acme.io/bucket']", 'ledger'],
    ["metadata.annotations['acme.io/none']", ''],
    ["metadata.labels['team']", 'a'],
    ['metadata.name', 'job'],
    ['metadata.namespace', undefined],
    ['spec.serviceAccountName', 'writer'],
    ['spec.nodeName', undefined],
    ['metadata.annotations', undefined],
    ["metadata.labels['constructor']", ''],
  ])('reads field %s of the object itself as %j', (fieldPath, expected) => {
    const { entries, variables: found } = read([
      { name: 'B', valueFrom: { fieldRef: { fieldPath } } },
    ]);
    expect(entries.map(({ value }) => value)).toEqual([expected]);
    expect(found.get('B')).toBe(expected);
  });

  it('reads a null valueFrom as none, as the API server does', () => {
    const { entries } = read([{ name: 'B', value: 'x', valueFrom: null }]);
    expect(entries.map(({ value }) => value)).toEqual(['x']);
  });

  it.each([null, 'junk', { name: 'B' }, [null, 7, 'x', []]])('reads env %j as empty', (env) => {
    expect(read(env).entries).toEqual([]);
  });

  it('does not add up beyond a limit, however many variables there are', () => {
    const env: { name: string; value: string }[] = [{ name: 'LONG', value: 'x'.repeat(100_000) }];
    for (let index = 0; index < 1_000; index++) env.push({ name: `V${index}`, value: '$(LONG)' });
    const total = read(env).entries.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    expect(total).toBeLessThan(5_000_000);
  });

  it('stays small when every variable holds the one before it twenty times', () => {
    const env: { name: string; value: string }[] = [{ name: 'V0', value: 'bucketname' }];
    for (let index = 1; index < 12; index++) {
      env.push({ name: `V${index}`, value: `$(V${index - 1})`.repeat(20) });
    }
    const { entries } = read(env);
    const longest = Math.max(...entries.map(({ value }) => value?.length ?? 0));
    expect(longest).toBeLessThanOrEqual(131_072);
  });
});
