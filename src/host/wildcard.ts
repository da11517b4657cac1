import { getPublicSuffix, parse } from 'tldts';
import { hostText, type Host } from './host.ts';

type Wildcard = Extract<Host, { kind: 'wildcard' }>;
type Comparable = Extract<Host, { kind: 'wildcard' | 'name' }>;

/**
 * What a host could reach in the mesh. Istio compares by plain suffix with no label boundary
 * (istio/istio pkg/config/host/name.go), so "*local" covers "minio.storage.svc.cluster.local".
 */
export function covers(pattern: Comparable, host: Comparable): boolean {
  if (pattern.kind === 'name') return hostText(pattern) === hostText(host);
  return hostText(host).endsWith(pattern.suffix);
}

/** True when some host is matched by both; wildcards are compared in both directions. */
export function overlaps(one: Comparable, other: Comparable): boolean {
  return covers(one, other) || covers(other, one);
}

/** Why a wildcard is too wide whatever was granted, or undefined when a grant may allow it. */
export function wildcardProblem({ suffix }: Wildcard): string | undefined {
  if (suffix === '' || suffix === '.') return 'matches every host';
  if (!suffix.startsWith('.')) {
    return 'is a partial wildcard: Istio compares plain suffixes, without a label boundary';
  }
  const domain = suffix.slice(1);
  if (!domain.includes('.')) return 'covers a whole top-level domain';
  if (isPublicSuffix(domain)) return `covers the public suffix "${domain}"`;
  return undefined;
}

/**
 * True for names under which anybody can register, such as "co.uk": the ICANN section of the Public
 * Suffix List, as tldts ships it. Its private section ("github.io", "googleapis.com") names domains of
 * one provider, which a platform team may want to grant (docs/decisions/0008).
 */
export function isPublicSuffix(domain: string): boolean {
  return getPublicSuffix(domain) === domain;
}

/** True for a label that ICANN delegated: "x.shop" may be a host of the Internet. */
export function isTopLevelDomain(label: string): boolean {
  return parse(`x.${label}`).isIcann === true;
}
