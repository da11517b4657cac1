/** Object prefixes: plain leading text of object keys. An empty list means the whole bucket. */

/**
 * True when the key lies in one of the prefixes. A key with a ".." segment lies nowhere: proxies and
 * clients disagree about what it means. A key that is not literal to its end (`isOpen`, cut at a
 * variable) counts as inside while it may still turn out to be.
 */
export function keyIsInside(
  key: string,
  { prefixes, isOpen = false }: { readonly prefixes: readonly string[]; readonly isOpen?: boolean },
): boolean {
  if (prefixes.length === 0) return true;
  if (key.split('/').includes('..')) return false;
  return prefixes.some((prefix) => key.startsWith(prefix) || (isOpen && prefix.startsWith(key)));
}

/** The prefixes that satisfy both lists; undefined when none can. */
export function intersectPrefixes(
  one: readonly string[],
  other: readonly string[],
): readonly string[] | undefined {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  const narrower = [
    ...one.filter((prefix) => other.some((wider) => prefix.startsWith(wider))),
    ...other.filter((prefix) => one.some((wider) => prefix.startsWith(wider))),
  ];
  return narrower.length === 0 ? undefined : [...new Set(narrower)].sort();
}
