import { bucketNameProblem } from './bucket-name.ts';

/** A bucket, or all whose name starts with a prefix that ends in a separator ("payments-tmp-*"). */
export type BucketPattern =
  | { readonly kind: 'exact'; readonly name: string }
  | { readonly kind: 'prefix'; readonly prefix: string };

/** "-" and ".": the only places where a pattern may end, so that "team-a-*" never matches "team-ab". */
const separators = '-.';

/** Reads a pattern; on failure says why, in words that follow "bucket pattern …". */
export function parseBucketPattern(
  text: string,
): { readonly pattern: BucketPattern } | { readonly problem: string } {
  const star = text.indexOf('*');
  if (star === -1) {
    const problem = bucketNameProblem(text);
    return problem === undefined ? { pattern: { kind: 'exact', name: text } } : { problem };
  }
  const prefix = text.slice(0, -1);
  if (star !== text.length - 1) return { problem: 'may have one star, at the end' };
  if (!separators.includes(prefix.at(-1) ?? 'x')) {
    return {
      problem: 'must have "-" or "." before the star: "team-a*" would also match "team-ab"',
    };
  }
  const problem = bucketNameProblem(`${prefix}x`);
  return problem === undefined ? { pattern: { kind: 'prefix', prefix } } : { problem };
}

/** The pattern as its owner wrote it. */
export function patternText(pattern: BucketPattern): string {
  return pattern.kind === 'exact' ? pattern.name : `${pattern.prefix}*`;
}

/** True when every bucket matched by `inner` is matched by `outer`. */
export function patternContains(outer: BucketPattern, inner: BucketPattern): boolean {
  const text = inner.kind === 'exact' ? inner.name : inner.prefix;
  if (outer.kind === 'exact') return inner.kind === 'exact' && outer.name === text;
  return text.startsWith(outer.prefix) && (inner.kind === 'prefix' || text !== outer.prefix);
}

/** True when some bucket is matched by both. Prefixes that overlap are always nested. */
export function patternsOverlap(one: BucketPattern, other: BucketPattern): boolean {
  return patternContains(one, other) || patternContains(other, one);
}

/** A pattern has at most 63 characters, the star included (see `bucketNameProblem`). */
const maxPrefixLength = 62;

/** The prefixes under which a pattern could hold `name`: "a-", "a-b." for "a-b.c". */
export function separatedPrefixes(name: string): string[] {
  const prefixes: string[] = [];
  for (let end = 1; end < name.length && end <= maxPrefixLength; end++) {
    const last = name[end - 1];
    if (last === '-' || last === '.') prefixes.push(name.slice(0, end));
  }
  return prefixes;
}
