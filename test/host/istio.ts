/**
 * Istio's own comparison of hosts, written down once more from pkg/config/host/name.go: the oracle for
 * ours. Plain suffixes, no label boundary.
 */

/** `Name.Matches`: some host is matched by both. */
export function istioMatches(one: string, other: string): boolean {
  if (one.startsWith('*') && other.startsWith('*')) {
    return one.length < other.length
      ? other.slice(1).endsWith(one.slice(1))
      : one.slice(1).endsWith(other.slice(1));
  }
  if (one.startsWith('*')) return other.endsWith(one.slice(1));
  if (other.startsWith('*')) return one.endsWith(other.slice(1));
  return one === other;
}

/** `Name.SubsetOf`: every host matched by `inner` is matched by `outer`. */
export function istioSubsetOf(inner: string, outer: string): boolean {
  if (inner.startsWith('*') && outer.startsWith('*')) {
    return inner.length >= outer.length && inner.slice(1).endsWith(outer.slice(1));
  }
  if (inner.startsWith('*')) return false;
  return outer.startsWith('*') ? inner.endsWith(outer.slice(1)) : inner === outer;
}
