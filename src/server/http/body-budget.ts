import { limits } from '../../limits.ts';
import { BodyPart, type BodyShare } from './body-part.ts';
import type { KnownCallers } from './known-callers.ts';

/**
 * The bytes of request bodies that the process holds at once, from their arrival to the answer. Strangers have
 * a part of their own, however many they are, and known callers the rest.
 */
export class BodyBudget {
  readonly #callers: KnownCallers;
  readonly #ofStrangers: BodyPart;
  readonly #ofKnown: BodyPart;

  constructor(callers: KnownCallers, total: number = limits.maxBodyBytesInFlight) {
    const strangers = Math.floor(total * limits.partOfStrangers);
    this.#callers = callers;
    this.#ofStrangers = new BodyPart(strangers);
    this.#ofKnown = new BodyPart(total - strangers);
  }

  /** Bytes in flight. */
  get used(): number {
    return this.#ofStrangers.used + this.#ofKnown.used;
  }

  /** What one request takes, from the part that its address has now until it ends. */
  open(address: string): BodyShare {
    return (this.#callers.has(address) ? this.#ofKnown : this.#ofStrangers).open(address);
  }
}
