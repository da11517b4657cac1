/** The clock of this machine, for tests that would otherwise have to wait. */
export interface Clock {
  readonly now: () => number;
  /** Lets this time pass at once, and a moment more. */
  skip(milliseconds: number): void;
}

export function createClock(): Clock {
  let skipped = 0;
  return {
    now: () => Date.now() + skipped,
    skip(milliseconds) {
      skipped += milliseconds + 1;
    },
  };
}
