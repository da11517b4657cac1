/** How long to wait after failures. */
export interface BackoffSetting {
  readonly minMilliseconds: number;
  readonly maxMilliseconds: number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

/**
 * The pause after the given number of failures in a row: twice as long each time up to the longest,
 * of which a random half is left out, so that replicas do not come back all at once.
 */
export function backoffMilliseconds(
  failures: number,
  { minMilliseconds, maxMilliseconds, random }: BackoffSetting,
): number {
  const full = Math.min(maxMilliseconds, minMilliseconds * 2 ** Math.min(failures - 1, 30));
  return full * (0.5 + random() / 2);
}
