import type { Cidr } from './address.ts';

/**
 * Many ranges, asked only whether one shares an address with another range. Kept as intervals that do
 * not touch, in order, so that a look-up takes the logarithm of their number.
 */
export class CidrIndex {
  /** First and last address of each interval, as 32 hexadecimal digits: their order is the addresses'. */
  readonly #intervals: readonly Interval[];

  constructor(ranges: readonly Cidr[]) {
    const merged: Interval[] = [];
    for (const next of ranges
      .map(intervalOf)
      .sort((one, other) => compare(one.first, other.first))) {
      const last = merged.at(-1);
      if (last === undefined || next.first > last.last) merged.push(next);
      else if (next.last > last.last) merged[merged.length - 1] = { ...last, last: next.last };
    }
    this.#intervals = merged;
  }

  /** True when some range shares at least one address with this one. */
  overlaps(range: Cidr): boolean {
    const { first, last } = intervalOf(range);
    let low = 0;
    let high = this.#intervals.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#intervals[middle]?.last ?? '') < first) low = middle + 1;
      else high = middle;
    }
    const found = this.#intervals[low];
    return found !== undefined && found.first <= last;
  }
}

interface Interval {
  readonly first: string;
  readonly last: string;
}

function intervalOf({ network, bits }: Cidr): Interval {
  const bytes = network.toByteArray();
  const last = bytes.map((byte, index) => byte | hostMask(bits - index * 8));
  return { first: hex(bytes), last: hex(last) };
}

/** The bits of one byte that a prefix leaves open, of which `bits` lie in this byte or beyond. */
function hostMask(bits: number): number {
  return bits >= 8 ? 0 : 0xff >> Math.max(bits, 0);
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
