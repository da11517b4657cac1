import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseBucketPattern,
  patternContains,
  patternsOverlap,
  patternText,
  separatedPrefixes,
} from '../../src/bucket/bucket-pattern.ts';
import { bucketPatternField } from '../../src/declaration/schema.ts';
import { bucketName, pattern, patternText as anyPattern } from './arbitraries.ts';

const noSeparator = 'must have "-" or "." before the star: "team-a*" would also match "team-ab"';
const oneStar = 'may have one star, at the end';

describe('a bucket pattern', () => {
  it.each([
    ['payments-ledger', { kind: 'exact', name: 'payments-ledger' }],
    ['payments-tmp-*', { kind: 'prefix', prefix: 'payments-tmp-' }],
    ['payments.*', { kind: 'prefix', prefix: 'payments.' }],
    ['a-*', { kind: 'prefix', prefix: 'a-' }],
    [`${'a'.repeat(61)}-*`, { kind: 'prefix', prefix: `${'a'.repeat(61)}-` }],
  ])('is %s', (text, expected) => {
    expect(parseBucketPattern(text)).toEqual({ pattern: expected });
  });

  it.each([
    ['*', noSeparator],
    ['team-a*', noSeparator],
    ['**', oneStar],
    ['-*-*', oneStar],
    ['team-*-a', oneStar],
    ['*-team', oneStar],
    ['team-**', oneStar],
    [
      'Team-*',
      'must be lower-case letters, digits, "-" and ".", starting and ending with a letter or digit',
    ],
    [
      'team.-*',
      'must be lower-case letters, digits, "-" and ".", starting and ending with a letter or digit',
    ],
    ['-*', 'must have 3 to 63 characters'],
    [`${'a'.repeat(62)}-*`, 'must have 3 to 63 characters'],
    ['xn--*', '"xn--" is reserved by AWS'],
    ['sthree-*', '"sthree-" is reserved by AWS'],
    ['ab', 'must have 3 to 63 characters'],
    [
      'team?',
      'must be lower-case letters, digits, "-" and ".", starting and ending with a letter or digit',
    ],
  ])('is not %s: %s', (text, problem) => {
    expect(parseBucketPattern(text)).toEqual({ problem });
  });

  it('reads its own text again as the same', () => {
    fc.assert(
      fc.property(anyPattern, (text) => {
        expect(patternText(pattern(text))).toBe(text);
      }),
    );
  });

  it('never throws, and what it accepts the schema accepts', () => {
    const schema = new RegExp(bucketPatternField.pattern, 'u');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-c.*-]{1,8}$/)), (text) => {
        if ('pattern' in parseBucketPattern(text)) expect(schema.test(text)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('patternContains', () => {
  it.each([
    ['team-a-*', 'team-a-x', true],
    ['team-a-*', 'team-a-x-y', true],
    ['team-a-*', 'team-a-x-*', true],
    ['team-a-*', 'team-a-*', true],
    ['team-a-*', 'team-ab', false],
    ['team-a-*', 'team-a', false],
    ['team-a-x', 'team-a-*', false],
    ['team-a-x', 'team-a-x', true],
    ['team-a.*', 'team-a-x', false],
  ])('%s of %s: %s', (outer, inner, expected) => {
    expect(patternContains(pattern(outer), pattern(inner))).toBe(expected);
  });

  it('holds exactly the names that start with the prefix and go on', () => {
    fc.assert(
      fc.property(anyPattern, bucketName, (text, name) => {
        const expected = text.endsWith('*')
          ? name.startsWith(text.slice(0, -1)) && name.length > text.length - 1
          : name === text;
        expect(patternContains(pattern(text), { kind: 'exact', name })).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('patternsOverlap', () => {
  it('is symmetric, and true when one contains the other', () => {
    fc.assert(
      fc.property(anyPattern, anyPattern, (one, other) => {
        const answer = patternsOverlap(pattern(one), pattern(other));
        expect(patternsOverlap(pattern(other), pattern(one))).toBe(answer);
        if (patternContains(pattern(one), pattern(other))) expect(answer).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is true whenever some bucket is matched by both', () => {
    fc.assert(
      fc.property(anyPattern, anyPattern, bucketName, (one, other, name) => {
        const exact = { kind: 'exact', name } as const;
        const isShared =
          patternContains(pattern(one), exact) && patternContains(pattern(other), exact);
        if (isShared) expect(patternsOverlap(pattern(one), pattern(other))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('separatedPrefixes', () => {
  it('lists every place where a pattern could end', () => {
    expect(separatedPrefixes('a-b.c')).toEqual(['a-', 'a-b.']);
    expect(separatedPrefixes('abc')).toEqual([]);
    expect(separatedPrefixes('a-')).toEqual([]);
  });

  it('looks no further into a long text than a pattern can reach', () => {
    expect(separatedPrefixes('-'.repeat(1_000_000))).toHaveLength(62);
  });
});
