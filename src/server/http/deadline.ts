import { limits } from '../../limits.ts';

/** The longest timeoutSeconds that admissionregistration.k8s.io/v1 accepts. */
const maxDeadlineMilliseconds = 30_000;

/** Go's time.ParseDuration as far as the API server uses it: "10s", "1m30s", "1.5s", "500ms". */
const goDuration = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;
const goDurationPart = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;

const unitMilliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Milliseconds we have for an answer: what the API server says in `?timeout=`, less the margin it
 * needs to receive it. What it does not say, or says in another language, is the default.
 */
export function deadlineOf(query: string): number {
  const given = query === '' ? undefined : parseGoDuration(timeoutIn(query));
  if (given === undefined) return limits.defaultDeadlineMilliseconds;
  // Of a time-out shorter than two margins half is left.
  const usable = Math.max(given - limits.deadlineMarginMilliseconds, given / 2);
  return Math.min(usable, maxDeadlineMilliseconds);
}

/** Milliseconds of a Go duration; undefined when it is none. */
export function parseGoDuration(text: string): number | undefined {
  if (!goDuration.test(text)) return undefined;
  let total = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(goDurationPart)) {
    total += Number(amount) * (unitMilliseconds[unit] ?? 0);
  }
  return total;
}

function timeoutIn(query: string): string {
  return new URLSearchParams(query).get('timeout') ?? '';
}
