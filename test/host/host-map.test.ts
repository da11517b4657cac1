import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostMap } from '../../src/host/host-map.ts';
import { covers } from '../../src/host/wildcard.ts';
import { claim, claimText, comparableText } from './arbitraries.ts';
import { istioMatches } from './istio.ts';

/** A map whose values are the texts themselves. */
function mapOf(texts: readonly string[]): HostMap<string> {
  const map = new HostMap<string>();
  for (const text of texts) map.add(claim(text), text);
  return map;
}

/** Label by label: a wildcard holds what has the same last labels and at least one more. */
function contains(granted: string, asked: string): boolean {
  if (!granted.startsWith('*')) return granted === asked;
  const wanted = granted.split('.').slice(1);
  const labels = asked.split('.');
  return (
    labels.length > wanted.length && labels.slice(-wanted.length).join('.') === wanted.join('.')
  );
}

const granted = mapOf(['api.example.com', '*.payments.example.com', '*.eu.payments.example.com']);

describe('a granted wildcard', () => {
  it.each([
    'a.payments.example.com',
    'a.b.payments.example.com',
    'A.Payments.Example.COM.',
    '*.payments.example.com',
    '*.b.payments.example.com',
  ])('holds %s', (text) => {
    expect(granted.has(claim(text))).toBe(true);
    expect(granted.hasWildcardFor(claim(text))).toBe(true);
  });

  it.each([
    'payments.example.com',
    'evilpayments.example.com',
    'a.payments.example.com.evil',
    '*.example.com',
    '*payments.example.com',
    '*.com',
    '*',
    '*.',
  ])('does not hold %s', (text) => {
    expect(granted.has(claim(text))).toBe(false);
  });

  it('holds nothing of a granted name but the name', () => {
    expect(granted.has(claim('api.example.com'))).toBe(true);
    expect(granted.hasWildcardFor(claim('api.example.com'))).toBe(false);
    expect(granted.has(claim('a.api.example.com'))).toBe(false);
  });

  it('comes with every grant that holds the host', () => {
    expect(granted.containing(claim('a.eu.payments.example.com'))).toEqual([
      '*.eu.payments.example.com',
      '*.payments.example.com',
    ]);
  });
});

describe('overlapping', () => {
  it.each([
    ['*.com', ['*.eu.payments.example.com', '*.payments.example.com', 'api.example.com']],
    ['*.example.com', ['*.eu.payments.example.com', '*.payments.example.com', 'api.example.com']],
    ['*.a.eu.payments.example.com', ['*.eu.payments.example.com', '*.payments.example.com']],
    ['api.example.com', ['api.example.com']],
    ['*i.example.com', ['api.example.com']],
    ['*', ['*.eu.payments.example.com', '*.payments.example.com', 'api.example.com']],
    ['*.net', []],
    ['example.com', []],
  ])('%s with %j', (text, expected) => {
    expect([...granted.overlapping(claim(text))].sort()).toEqual(expected);
  });
});

describe('a map of thousands of hosts', () => {
  const texts = [...new Set(fc.sample(claimText, { seed: 7, numRuns: 6_000 }))];
  const map = mapOf(texts);

  it('answers what a look at every host answers', () => {
    expect(texts.length).toBeGreaterThan(2_000);
    fc.assert(
      fc.property(comparableText, (text) => {
        const host = claim(text);
        const containing = texts.filter((member) => contains(member, text));
        expect([...map.containing(host)].sort()).toEqual(containing.sort());
        expect(map.has(host)).toBe(containing.length > 0);
        expect(map.hasWildcardFor(host)).toBe(containing.some((member) => member.startsWith('*')));
        expect([...map.overlapping(host)].sort()).toEqual(
          texts.filter((member) => istioMatches(member, text)).sort(),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('never calls a host granted that Istio would not send to the grant', () => {
    fc.assert(
      fc.property(comparableText, (text) => {
        for (const member of map.containing(claim(text))) {
          expect(covers(claim(member), claim(text))).toBe(true);
        }
      }),
    );
  });
});
