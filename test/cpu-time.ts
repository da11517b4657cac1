/** `JSON.parse` is repeated for this long, because the clock of the CPU is coarse. */
const LEAST_MILLISECONDS = 5;
const MOST_ROUNDS = 5;

/** Far above what any linear work takes, far below a quadratic loop over a large request. */
export const linearCost = 250;

/**
 * How many times as much CPU time some work takes as parsing ordinary JSON of the given length. Unlike a
 * time this depends neither on the speed of the machine nor on what else it does. The work is repeated,
 * and its quickest round taken, only while it takes more than `enough`.
 */
export async function costInParses(
  length: number,
  work: () => unknown,
  enough = linearCost,
): Promise<number> {
  const json = ordinaryJson(length);
  let [parse, worked] = [Infinity, Infinity];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    parse = Math.min(parse, parseTime(json));
    const before = cpuMilliseconds();
    await work();
    worked = Math.min(worked, cpuMilliseconds() - before);
    if (worked / parse <= enough) break;
  }
  return worked / parse;
}

/** As in a manifest: short names and short texts. One long text would be parsed in no time. */
function ordinaryJson(length: number): string {
  const entry = '{"name":"S3_BUCKET","value":"payments-ledger"}';
  return `[${Array.from({ length: Math.ceil(length / entry.length) }, () => entry).join(',')}]`;
}

function parseTime(json: string): number {
  const before = cpuMilliseconds();
  let [times, passed] = [0, 0];
  while (passed < LEAST_MILLISECONDS) {
    JSON.parse(json);
    times++;
    passed = cpuMilliseconds() - before;
  }
  return passed / times;
}

/** Of this thread alone. */
function cpuMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
