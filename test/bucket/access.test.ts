import { describe, expect, it } from 'vitest';
import {
  accessIncludes,
  accessModes,
  accessOfSuffix,
  capAccess,
  suffixOfAccess,
  unionAccess,
  type Access,
} from '../../src/bucket/access.ts';

/** What each mode means, as a set of bits: the laws of sets are the laws of access. */
const meaning: Readonly<Record<Access, number>> = { ReadOnly: 1, WriteOnly: 2, ReadWrite: 3 };

function modeOf(operations: number): Access | undefined {
  return accessModes.find((mode) => meaning[mode] === operations);
}

const pairs = accessModes.flatMap((one) => accessModes.map((other) => ({ one, other })));
const triples = pairs.flatMap((pair) => accessModes.map((third) => ({ ...pair, third })));

describe('access', () => {
  it.each(pairs)('$one caps $other to what both allow', ({ one, other }) => {
    const expected = modeOf(meaning[one] & meaning[other]);
    expect(capAccess(one, other)).toBe(expected);
    expect(capAccess(other, one)).toBe(expected);
  });

  it.each(pairs)('$one and $other add up', ({ one, other }) => {
    const expected = modeOf(meaning[one] | meaning[other]);
    expect(unionAccess(one, other)).toBe(expected);
    expect(unionAccess(other, one)).toBe(expected);
  });

  it.each(pairs)('$one includes $other or not, as their meaning says', ({ one, other }) => {
    expect(accessIncludes(one, other)).toBe((meaning[one] & meaning[other]) === meaning[other]);
  });

  it.each(accessModes)('%s caps and adds itself to itself', (mode) => {
    expect(capAccess(mode, mode)).toBe(mode);
    expect(unionAccess(mode, mode)).toBe(mode);
  });

  it.each(pairs)('$one capped by $other is never more than either', ({ one, other }) => {
    const capped = capAccess(one, other);
    if (capped === undefined) return;
    expect(accessIncludes(one, capped)).toBe(true);
    expect(accessIncludes(other, capped)).toBe(true);
  });

  it.each(triples)('$one, $other and $third add up in any order', ({ one, other, third }) => {
    expect(unionAccess(unionAccess(one, other), third)).toBe(
      unionAccess(one, unionAccess(other, third)),
    );
  });

  it.each(accessModes)('%s comes back from its suffix', (mode) => {
    expect(accessOfSuffix(suffixOfAccess(mode))).toBe(mode);
  });

  it.each(['', 'RW', 'r', 'rwx', ' ro', 'ReadOnly', 'constructor', '__proto__'])(
    'knows no suffix %j',
    (suffix) => {
      expect(accessOfSuffix(suffix)).toBeUndefined();
    },
  );
});
