import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Number and test file of every row of docs/bypasses.md. */
const rows = [...read('docs/bypasses.md').matchAll(/^\| ([A-G]\d+) +\|.*`(test\/[^`]+)`/gm)].map(
  ([, number = '', file = '']) => ({ number, file }),
);

describe('docs/bypasses.md', () => {
  it('has each number once', () => {
    const numbers = rows.map(({ number }) => number);
    expect(numbers.length).toBeGreaterThan(50);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it.each(rows)('names a file with a test of number $number', ({ number, file }) => {
    const titles = [...read(file).matchAll(/['`]([^'`\n]*)['`]/g)].map(([, title = '']) => title);
    const isNumbered = new RegExp(`(^|[(, ])${number}[:,)]`);
    expect(titles.filter((title) => isNumbered.test(title))).not.toEqual([]);
  });
});
