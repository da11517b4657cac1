import { cidrContains, cidrsOverlap, type Cidr } from './address.ts';

/** A few ranges that belong together: what one tenant was granted, or what is protected. */
export class CidrSet {
  readonly #ranges: readonly Cidr[];

  constructor(ranges: readonly Cidr[]) {
    this.#ranges = ranges;
  }

  /** True when one range contains all of `range`. */
  contains(range: Cidr): boolean {
    return this.#ranges.some((member) => cidrContains(member, range));
  }

  /** The first range that shares an address with `range`. */
  overlapping(range: Cidr): Cidr | undefined {
    return this.#ranges.find((member) => cidrsOverlap(member, range));
  }

  texts(): readonly string[] {
    return this.#ranges.map(({ text }) => text);
  }
}
