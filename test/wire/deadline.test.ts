import { describe, expect, it } from 'vitest';
import { limits } from '../../src/limits.ts';
import { deadlineOf, parseGoDuration } from '../../src/server/http/deadline.ts';

describe('a Go duration', () => {
  it.each([
    ['10s', 10_000],
    ['1.5s', 1_500],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1h0m0.5s', 3_600_500],
    ['250µs', 0.25],
    ['5us', 0.005],
    ['0s', 0],
  ])('%s is %d milliseconds', (text, milliseconds) => {
    expect(parseGoDuration(text)).toBeCloseTo(milliseconds, 9);
  });

  it.each(['', '10', 's', '-1s', '1 s', '1sec', '1s1', '١s', 'NaNs', '1e3s'])(
    '"%s" is none',
    (text) => {
      expect(parseGoDuration(text)).toBeUndefined();
    },
  );
});

describe('the deadline of a request', () => {
  it.each([
    ['timeout=10s', 10_000 - limits.deadlineMarginMilliseconds],
    ['dryRun=All&timeout=1s', 1_000 - limits.deadlineMarginMilliseconds],
    ['timeout=100ms', 50],
    ['timeout=9999h', 30_000],
    ['', limits.defaultDeadlineMilliseconds],
    ['timeout=', limits.defaultDeadlineMilliseconds],
    ['timeout=soon', limits.defaultDeadlineMilliseconds],
    ['timeout=-5s', limits.defaultDeadlineMilliseconds],
  ])('with "%s" is %d milliseconds', (query, milliseconds) => {
    expect(deadlineOf(query)).toBe(milliseconds);
  });
});
