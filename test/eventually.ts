import { setTimeout as delay } from 'node:timers/promises';

/** Reached only when what is waited for never comes, however busy the machine is. */
const LONGEST_WAIT = 180_000;
const PAUSE = 20;

/** Tries again until nothing is thrown; throws the last error when nothing else is to be expected. */
export async function eventually<Value>(attempt: () => Value | Promise<Value>): Promise<Value> {
  const deadline = Date.now() + LONGEST_WAIT;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await delay(PAUSE);
  }
}
