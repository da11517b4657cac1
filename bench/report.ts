/** One target under one load, once. */
export interface Measurement {
  /** Our two webhooks; the bare server that answers a constant; the one that does minimal work. */
  readonly target: 'mutate' | 'validate' | 'constant' | 'minimal';
  readonly connections: number;
  readonly round: number;
  readonly requestsPerSecond: number;
  readonly cpuMicrosecondsPerRequest: number;
  readonly rssBytes: number;
  readonly latenciesMilliseconds: readonly number[];
}

/** The rounds of one target at one number of connections, taken together. */
interface Summary {
  readonly target: Measurement['target'];
  readonly connections: number;
  readonly requestsPerSecond: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  readonly cpuMicrosecondsPerRequest: number;
  readonly rssMebibytes: number;
  /** Requests per second over the baseline's in the same round, median of the rounds. */
  readonly toConstant: number;
  readonly toMinimal: number;
}

export function renderJson(measurements: readonly Measurement[]): string {
  return `${JSON.stringify({ results: summarize(measurements) }, undefined, 2)}\n`;
}

export function renderTable(measurements: readonly Measurement[]): string {
  const head = [
    'conns',
    'server',
    'req/s',
    '/constant',
    '/minimal',
    'p50 ms',
    'p99 ms',
    'CPU µs',
    'RSS MiB',
  ];
  const rows = summarize(measurements).map((one) => [
    String(one.connections),
    titles[one.target],
    one.requestsPerSecond.toFixed(0),
    one.toConstant.toFixed(2),
    one.toMinimal.toFixed(2),
    one.p50Milliseconds.toFixed(2),
    one.p99Milliseconds.toFixed(2),
    one.cpuMicrosecondsPerRequest.toFixed(0),
    one.rssMebibytes.toFixed(0),
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column === 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return `${[head, ...rows].map(line).join('\n')}\n`;
}

const titles: Readonly<Record<Measurement['target'], string>> = {
  mutate: 'Bucketwarden /mutate',
  validate: 'Bucketwarden /validate',
  constant: '(a) parse, answer a constant',
  minimal: '(b) parse, minimal patch',
};

function summarize(measurements: readonly Measurement[]): Summary[] {
  const counts = [...new Set(measurements.map(({ connections }) => connections))];
  const targets = ['constant', 'minimal', 'mutate', 'validate'] as const;
  return counts.flatMap((connections) =>
    targets.map((target) => {
      const all = measurements.filter((one) => one.connections === connections);
      const own = all.filter((one) => one.target === target);
      const latencies = own.flatMap((one) => one.latenciesMilliseconds).sort((a, b) => a - b);
      return {
        target,
        connections,
        requestsPerSecond: median(own.map((one) => one.requestsPerSecond)),
        p50Milliseconds: quantile(latencies, 0.5),
        p99Milliseconds: quantile(latencies, 0.99),
        cpuMicrosecondsPerRequest: median(own.map((one) => one.cpuMicrosecondsPerRequest)),
        rssMebibytes: Math.max(...own.map((one) => one.rssBytes)) / 1024 / 1024,
        toConstant: ratio(
          own,
          all.filter((one) => one.target === 'constant'),
        ),
        toMinimal: ratio(
          own,
          all.filter((one) => one.target === 'minimal'),
        ),
      };
    }),
  );
}

/** Compared within each round, so that a slow minute of the machine hits both sides. */
function ratio(own: readonly Measurement[], base: readonly Measurement[]): number {
  return median(
    own.flatMap(({ round, requestsPerSecond }) => {
      const other = base.find((one) => one.round === round);
      return other === undefined ? [] : [requestsPerSecond / other.requestsPerSecond];
    }),
  );
}

function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
