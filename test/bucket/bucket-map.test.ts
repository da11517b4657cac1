import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BucketMap } from '../../src/bucket/bucket-map.ts';
import { patternContains, patternsOverlap } from '../../src/bucket/bucket-pattern.ts';
import { anyName, pattern, patternText } from './arbitraries.ts';

/** A map whose values are the texts themselves. */
function mapOf(texts: readonly string[]): BucketMap<string> {
  const map = new BucketMap<string>();
  for (const text of texts) map.add(pattern(text), text);
  return map;
}

describe('BucketMap', () => {
  const map = mapOf(['team-a-x', 'team-a-*', 'team-*', 'team-ab', 'team.*']);

  it('finds the exact name first, then the prefixes from the widest on', () => {
    expect(map.matching('team-a-x')).toEqual(['team-a-x', 'team-*', 'team-a-*']);
  });

  it.each([
    ['team-ab', ['team-ab', 'team-*']],
    ['team-a', ['team-*']],
    ['team-a-', ['team-*']],
    ['team-', []],
    ['team', []],
    ['Team-a-x', []],
    ['__proto__', []],
    ['', []],
  ])('matching %j: %j', (name, expected) => {
    expect(map.matching(name)).toEqual(expected);
  });

  it('keeps several values of one pattern', () => {
    const shared = new BucketMap<number>();
    shared.add(pattern('team-*'), 1);
    shared.add(pattern('team-*'), 2);
    expect(shared.matching('team-x')).toEqual([1, 2]);
    expect(shared.overlapping(pattern('team-*'))).toEqual([1, 2]);
  });

  it('answers for thousands of patterns what a look at each answers', () => {
    const texts = [...new Set(fc.sample(patternText, { seed: 7, numRuns: 6_000 }))];
    expect(texts.length).toBeGreaterThan(1_000);
    const big = mapOf(texts);
    fc.assert(
      fc.property(anyName, patternText, (name, text) => {
        const exact = { kind: 'exact', name } as const;
        expect([...big.matching(name)].sort()).toEqual(
          texts.filter((member) => patternContains(pattern(member), exact)).sort(),
        );
        expect([...big.overlapping(pattern(text))].sort()).toEqual(
          texts.filter((member) => patternsOverlap(pattern(member), pattern(text))).sort(),
        );
      }),
      { numRuns: 200 },
    );
  });
});
