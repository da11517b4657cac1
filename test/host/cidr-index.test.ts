import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCidr, cidrsOverlap, type Cidr } from '../../src/host/address.ts';
import { CidrIndex } from '../../src/host/cidr-index.ts';

function cidr(text: string): Cidr {
  const range = parseCidr(text);
  if (range === undefined) throw new Error(`not a range: ${text}`);
  return range;
}

const anyCidr = fc
  .oneof(
    fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
    fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
  )
  .map(([address, bits]) => cidr(`${address}/${bits}`));

describe('an index of ranges', () => {
  it('answers what a look at every range answers', () => {
    fc.assert(
      fc.property(fc.array(anyCidr, { maxLength: 20 }), anyCidr, (ranges, asked) => {
        expect(new CidrIndex(ranges).overlaps(asked)).toBe(
          ranges.some((range) => cidrsOverlap(range, asked)),
        );
      }),
    );
  });

  it('knows neighbours from members', () => {
    const index = new CidrIndex([
      cidr('203.0.113.0/28'),
      cidr('203.0.113.16/28'),
      cidr('10.0.0.1'),
    ]);
    expect(index.overlaps(cidr('203.0.113.31'))).toBe(true);
    expect(index.overlaps(cidr('203.0.113.32'))).toBe(false);
    expect(index.overlaps(cidr('10.0.0.0/8'))).toBe(true);
    expect(index.overlaps(cidr('10.0.0.2/32'))).toBe(false);
    expect(new CidrIndex([]).overlaps(cidr('0.0.0.0/0'))).toBe(false);
  });
});
