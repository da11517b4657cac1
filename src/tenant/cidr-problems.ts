import { cidrProblem } from '../declaration/config-problems.ts';
import type { StorageTenant } from '../declaration/storage-tenant.ts';
import { cidrsOverlap, parseCidr, type Cidr } from '../host/address.ts';
import type { Settings } from '../settings/settings.ts';
import type { TenantProblem, TenantSurroundings } from './claims.ts';

/** Ranges that cannot be granted to any tenant. */
export function cidrProblems(
  { spec }: StorageTenant,
  { settings }: TenantSurroundings,
): TenantProblem[] {
  return (spec.egress?.cidrs ?? []).flatMap((text, index) => {
    const problem = grantProblem(text, settings);
    if (problem === undefined) return [];
    return [{ path: ['spec', 'egress', 'cidrs', index], message: `"${text}" ${problem}` }];
  });
}

function grantProblem(text: string, settings: Settings): string | undefined {
  const range = parseCidr(text);
  if (range === undefined || range.text !== text) return cidrProblem(text);
  const protectedRange = settings.protectedCidrs.overlapping(range);
  return (
    widthProblem(range) ??
    specialProblem(range) ??
    (protectedRange && `overlaps the protected range "${protectedRange.text}"`)
  );
}

/**
 * The widest range that one party owns: a /8 of IPv4 (a private network, or one of the allocations of
 * the early Internet). No party holds an IPv6 range wider than a /16, and a site gets a /48.
 */
const minPrefixBits = { IPv4: 8, IPv6: 16 } as const;

function widthProblem({ isIPv4, bits }: Cidr): string | undefined {
  const family = isIPv4 ? 'IPv4' : 'IPv6';
  const prefixBits = isIPv4 ? bits - 96 : bits;
  const wanted = minPrefixBits[family];
  if (prefixBits >= wanted) return undefined;
  return `is too wide; an ${family} range has a prefix of at least ${wanted} bits`;
}

/**
 * Addresses that mean the node or the pod itself, nobody in particular, or an IPv4 address that the
 * comparison with IPv4 ranges would not see (RFC 6890, RFC 6052, RFC 8215, RFC 3056).
 */
const specialRanges = [
  { what: 'loopback', ranges: ['127.0.0.0/8', '::1'] },
  { what: 'unspecified', ranges: ['0.0.0.0/8', '::'] },
  { what: 'link-local', ranges: ['169.254.0.0/16', 'fe80::/10'] },
  { what: 'multicast', ranges: ['224.0.0.0/4', 'ff00::/8'] },
  { what: 'reserved', ranges: ['240.0.0.0/4'] },
  {
    what: 'translated IPv4',
    ranges: ['::/96', '64:ff9b::/96', '64:ff9b:1::/48', '2002::/16'],
  },
].flatMap(({ what, ranges }) =>
  ranges.flatMap((text) => {
    const range = parseCidr(text);
    return range === undefined ? [] : [{ what, range }];
  }),
);

function specialProblem(range: Cidr): string | undefined {
  const special = specialRanges.find(
    (candidate) => candidate.range.isIPv4 === range.isIPv4 && cidrsOverlap(candidate.range, range),
  );
  if (special === undefined) return undefined;
  return `includes ${special.what} addresses (${special.range.text}), which cannot be granted`;
}
