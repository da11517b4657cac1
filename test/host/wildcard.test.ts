import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, isPublicSuffix, overlaps, wildcardProblem } from '../../src/host/wildcard.ts';
import { claim, comparableText } from './arbitraries.ts';
import { istioMatches, istioSubsetOf } from './istio.ts';

const store = claim('minio.storage.svc.cluster.local');

describe('covers', () => {
  it.each([
    '*',
    '*l',
    '*local',
    '*.local',
    '*cluster.local',
    '*.svc.cluster.local',
    '*io.storage.svc.cluster.local',
  ])('says that %s covers the store, as Istio does', (wildcard) => {
    expect(covers(claim(wildcard), store)).toBe(true);
  });

  it.each([
    ['*.minio.storage.svc.cluster.local', 'a wildcard below the name'],
    ['*.', 'only names that end in a dot'],
    ['*.storage', 'the short form, not the long one'],
    ['minio.storage', 'another name'],
  ])('says that %s does not: %s', (host) => {
    expect(covers(claim(host), store)).toBe(false);
  });

  it.each([
    ['store.example.com', 'store.example.com.evil'],
    ['store.example.com', 'evilstore.example.com'],
    ['*.store.example.com', 'evilstore.example.com'],
    ['*.store.example.com', 'a.store.example.com.evil'],
  ])('keeps %s apart from %s', (pattern, host) => {
    expect(covers(claim(pattern), claim(host))).toBe(false);
    expect(overlaps(claim(pattern), claim(host))).toBe(false);
  });

  it('agrees with Istio about every pair', () => {
    fc.assert(
      fc.property(comparableText, comparableText, (outer, inner) => {
        expect(covers(claim(outer), claim(inner))).toBe(istioSubsetOf(inner, outer));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('overlaps', () => {
  it('is true in both directions', () => {
    const [wide, narrow] = [claim('*.com'), claim('*.eu.example.com')];
    expect(overlaps(wide, narrow)).toBe(true);
    expect(overlaps(narrow, wide)).toBe(true);
  });

  it('is symmetric and agrees with Istio about every pair', () => {
    fc.assert(
      fc.property(comparableText, comparableText, (one, other) => {
        const answer = overlaps(claim(one), claim(other));
        expect(answer).toBe(overlaps(claim(other), claim(one)));
        expect(answer).toBe(istioMatches(one, other));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('wildcardProblem', () => {
  it.each([
    ['*', 'matches every host'],
    ['*.', 'matches every host'],
    ['*com', 'is a partial wildcard: Istio compares plain suffixes, without a label boundary'],
    [
      '*-a.example.com',
      'is a partial wildcard: Istio compares plain suffixes, without a label boundary',
    ],
    ['*.com', 'covers a whole top-level domain'],
    ['*.internal', 'covers a whole top-level domain'],
    ['*.co.uk', 'covers the public suffix "co.uk"'],
    ['*.CO.UK.', 'covers the public suffix "co.uk"'],
    ['*.anything.ck', 'covers the public suffix "anything.ck"'],
    ['*.公司.cn', 'covers the public suffix "xn--55qx5d.cn"'],
  ])('of %s: it %s', (text, problem) => {
    const host = claim(text);
    expect(host.kind === 'wildcard' && wildcardProblem(host)).toBe(problem);
  });

  it.each([
    '*.example.com',
    '*.payments.example.com',
    '*.example.co.uk',
    '*.github.io',
    '*.googleapis.com',
  ])('is none for %s, which somebody can own', (text) => {
    const host = claim(text);
    expect(host.kind === 'wildcard' && wildcardProblem(host)).toBeUndefined();
  });
});

describe('public suffixes', () => {
  it.each([
    ['com', true],
    ['co.uk', true],
    ['github.io', false],
    ['foo.ck', true],
    ['www.ck', false],
    ['example.com', false],
    ['cluster.local', false],
  ])('%s → %s', (domain, expected) => {
    expect(isPublicSuffix(domain)).toBe(expected);
  });
});
