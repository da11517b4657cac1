import { LRUCache } from 'lru-cache';
import { limits } from '../../limits.ts';

/**
 * The addresses that have delivered a valid review, or shown an accepted client certificate. All others are
 * strangers: they share a small part of what the process has, and cannot take anything from known callers.
 */
export class KnownCallers {
  readonly #addresses = new LRUCache<string, true>({ max: limits.maxKnownAddresses });

  /** False for a stranger. */
  has(address: string): boolean {
    return this.#addresses.has(address);
  }

  /** To be called for every valid review, so that the addresses that send none are forgotten first. */
  add(address: string): void {
    if (this.#addresses.get(address) === undefined) this.#addresses.set(address, true);
  }
}
