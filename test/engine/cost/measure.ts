/** What one body costs. */
export interface Cost {
  /** CPU time of the judging thread, in microseconds; the least of all rounds. */
  readonly parse: number;
  readonly judge: number;
  /** `judge` in units of `parse`. */
  readonly ratio: number;
  /** The longest answer, in characters. */
  readonly answer: number;
}

/** A round takes at least this long, because the clock of the CPU is coarse. */
const leastMicroseconds = 1_000;
const mostRounds = 6;

/**
 * Compares judging a body with `JSON.parse` of it, by the CPU time of this thread: what else the
 * machine does is not in it. Both take turns, and the quickest round of each is what it costs; there
 * are more rounds only while the ratio is above `enough`.
 */
export async function measure(
  body: string,
  judge: (body: string) => Promise<string>,
  enough: number,
): Promise<Cost> {
  let [parse, judged, answer] = [Infinity, Infinity, 0];
  for (let round = 0; round < mostRounds; round++) {
    parse = Math.min(parse, timeOfParse(body));
    const before = now();
    const text = await judge(body);
    judged = Math.min(judged, now() - before);
    answer = Math.max(answer, text.length);
    if (judged / parse <= enough) break;
  }
  return { parse, judge: judged, ratio: judged / parse, answer };
}

/** Repeated until it can be measured. */
function timeOfParse(body: string): number {
  const before = now();
  let [times, passed] = [0, 0];
  while (passed < leastMicroseconds) {
    JSON.parse(body);
    times++;
    passed = now() - before;
  }
  return passed / times;
}

function now(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
