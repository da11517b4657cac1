import { setTimeout as delay } from 'node:timers/promises';

/** Tries again until nothing is thrown; after the time is up the last error is thrown. */
export async function eventually<Value>(
  attempt: () => Value | Promise<Value>,
  { timeoutMs = 15_000, everyMs = 20 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<Value> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await delay(everyMs);
  }
}
