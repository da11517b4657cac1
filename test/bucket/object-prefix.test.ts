import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intersectPrefixes, keyIsInside } from '../../src/bucket/object-prefix.ts';

const text = fc.stringMatching(/^[ab/]{1,5}$/);
const prefixes = fc.array(text, { maxLength: 4 });

describe('a key', () => {
  it.each([
    ['invoices/2027.csv', ['invoices/'], true],
    ['invoices/', ['invoices/'], true],
    ['invoices', ['invoices/'], false],
    ['invoices-old/x', ['invoices/'], false],
    ['Invoices/x', ['invoices/'], false],
    ['/invoices/x', ['invoices/'], false],
    ['reports/x', ['invoices/', 'reports/'], true],
    ['anything', [], true],
    ['invoices/../secrets/x', ['invoices/'], false],
    ['invoices/..', ['invoices/'], false],
    ['../invoices/x', ['invoices/'], false],
    ['invoices/a..b/x', ['invoices/'], true],
    ['invoices/.../x', ['invoices/'], true],
  ])('%s lies in %j: %s', (key, list, expected) => {
    expect(keyIsInside(key, { prefixes: list })).toBe(expected);
  });

  it.each([
    ['inv', ['invoices/'], true],
    ['', ['invoices/'], true],
    ['invoices/2027/', ['invoices/'], true],
    ['inx', ['invoices/'], false],
    ['invoices/../', ['invoices/'], false],
  ])('that goes on after %j may lie in %j: %s', (key, list, expected) => {
    expect(keyIsInside(key, { prefixes: list, isOpen: true })).toBe(expected);
  });
});

describe('intersectPrefixes', () => {
  it.each([
    [['a/'], ['a/b/'], ['a/b/']],
    [['a/b/'], ['a/'], ['a/b/']],
    [['a/', 'b/'], ['b/', 'c/'], ['b/']],
    [[], ['b/', 'a/'], ['b/', 'a/']],
    [['a/'], [], ['a/']],
    [[], [], []],
    [['a/'], ['b/'], undefined],
  ])('%j and %j leave %j', (one, other, expected) => {
    expect(intersectPrefixes(one, other)).toEqual(expected);
  });

  it('allows exactly the keys that both sides allow', () => {
    fc.assert(
      fc.property(prefixes, prefixes, fc.stringMatching(/^[ab/]{0,8}$/), (one, other, key) => {
        const both = intersectPrefixes(one, other);
        const isAllowed = both !== undefined && keyIsInside(key, { prefixes: both });
        expect(isAllowed).toBe(
          keyIsInside(key, { prefixes: one }) && keyIsInside(key, { prefixes: other }),
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('does not depend on the order of the two', () => {
    fc.assert(
      fc.property(prefixes, prefixes, (one, other) => {
        expect(intersectPrefixes(one, other)?.toSorted()).toEqual(
          intersectPrefixes(other, one)?.toSorted(),
        );
      }),
    );
  });
});
