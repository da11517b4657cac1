import { limits } from '../../limits.ts';

/**
 * Reads tenants and files again for a request that they may explain. All requests of a second share one
 * reading, so that no user decides how often we read.
 */
export class Rereading {
  readonly #read: () => Promise<unknown>;
  readonly #now: () => Date;
  #running: Promise<void> | undefined;
  #endedAt = Number.NEGATIVE_INFINITY;

  constructor(read: () => Promise<unknown>, now: () => Date) {
    this.#read = read;
    this.#now = now;
  }

  /** Resolves when what was read is in force. @throws what the reading failed with */
  run(): Promise<void> {
    if (this.#running !== undefined) return this.#running;
    const isRecent = this.#now().getTime() - this.#endedAt < limits.rereadIntervalMilliseconds;
    if (isRecent) return Promise.resolve();
    this.#running = this.#readOnce();
    return this.#running;
  }

  async #readOnce(): Promise<void> {
    try {
      await this.#read();
    } finally {
      this.#endedAt = this.#now().getTime();
      this.#running = undefined;
    }
  }
}
