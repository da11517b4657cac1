import ipaddr from 'ipaddr.js';

/**
 * The canonical text of an IP address in any spelling a resolver accepts: dotted, decimal
 * (2130706433), hexadecimal (0x7f000001), octal, brackets, IPv4-mapped IPv6. Undefined for names.
 */
export function parseAddress(text: string): string | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (!/^[0-9a-fx.:]+$/i.test(bare) || !/[0-9:]/.test(bare)) return undefined;
  // ipaddr.js takes "::10.0.0.1" for an IPv4-mapped address; it is ::a00:1 (RFC 4291 §2.5.5.1).
  const exact = /^::\d+\./.test(bare) ? `0:0:0:0:0:0:${bare.slice(2)}` : bare;
  // Checked first, because ipaddr.js refuses by throwing, which is slow when there are many names.
  return isPlausible(exact) && ipaddr.isValid(exact) ? ipaddr.process(exact).toString() : undefined;
}

function isPlausible(text: string): boolean {
  const colon = text.lastIndexOf(':');
  const rest = text.slice(colon + 1);
  if (colon === -1) return isNumericIPv4(rest);
  if (!rest.includes('.')) return isIPv6Shape(text);
  return isNumericIPv4(rest) && isIPv6Shape(`${text.slice(0, colon)}:0:0`);
}

/** Eight groups, or fewer around one "::" (RFC 4291 §2.2). */
function isIPv6Shape(text: string): boolean {
  const halves = text.split('::', 3);
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':', 9)));
  const isComplete = halves.length === 1 ? groups.length === 8 : groups.length < 8;
  return (
    halves.length <= 2 && isComplete && groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
  );
}

/** True for what inet_aton accepts: one to four numbers, of which the last fills what is left. */
function isNumericIPv4(text: string): boolean {
  const parts = text.split('.', 5);
  const lastLimit = 256 ** (5 - parts.length);
  return (
    parts.length <= 4 &&
    parts.every((part, index) => {
      if (!/^(?:0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i.test(part)) return false;
      const isOctal = /^0\d/.test(part);
      const value = isOctal ? Number.parseInt(part, 8) : Number(part);
      return value < (index === parts.length - 1 ? lastLimit : 256);
    })
  );
}

/** One CIDR range, ready to be compared. */
export interface Cidr {
  /** Normal form: canonical network address without host bits, and the prefix length. */
  readonly text: string;
  readonly isIPv4: boolean;
  /** IPv4 networks as IPv4-mapped IPv6, so that all ranges lie on one line. */
  readonly network: ipaddr.IPv6;
  /** Leading bits of `network` that all members share, 0 to 128. */
  readonly bits: number;
}

/** An IPv4 address is the last 32 of the 128 bits of its IPv4-mapped form. */
const mappedBits = 96;

/**
 * Reads "10.0.0.0/8", or a single address as a range of one. An IPv4-mapped IPv6 range is read as
 * that IPv4 range. Undefined when it is neither.
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const written = slash === -1 ? text : text.slice(0, slash);
  const address = parseAddress(written);
  if (address === undefined) return undefined;
  const network = toIPv6(ipaddr.parse(address));
  if (slash === -1) {
    return { text: address, isIPv4: !address.includes(':'), network, bits: 128 };
  }
  const length = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(length)) return undefined;
  const bits = Number(length) + (written.includes(':') ? 0 : mappedBits);
  return bits > 128 ? undefined : { ...normalForm(network, bits), bits };
}

/** Prefixes of IPv6 addresses whose last 32 bits are an IPv4 address (RFC 4291 §2.5.5.1, RFC 6052). */
const translatedPrefixes = ['::', '64:ff9b::'].map((text) => toIPv6(ipaddr.parse(text)));

/** The IPv4 range that a translated IPv6 range reaches ("64:ff9b::a9fe:a9fe"); undefined for others. */
export function translatedIPv4({ network, bits, isIPv4 }: Cidr): Cidr | undefined {
  if (isIPv4) return undefined;
  const shared = Math.min(bits, mappedBits);
  if (!translatedPrefixes.some((prefix) => network.match(prefix, shared))) return undefined;
  const last = network.toByteArray().slice(12).join('.');
  return parseCidr(`${last}/${Math.max(bits - mappedBits, 0)}`);
}

/** True when every address of `inner` is also in `outer`. IPv6 ranges never contain IPv4 ones. */
export function cidrContains(outer: Cidr, inner: Cidr): boolean {
  if (outer.isIPv4 !== inner.isIPv4 || inner.bits < outer.bits) return false;
  return inner.network.match(outer.network, outer.bits);
}

/** True when the two ranges share at least one address, an IPv4 one in its mapped form included. */
export function cidrsOverlap(one: Cidr, other: Cidr): boolean {
  return one.network.match(other.network, Math.min(one.bits, other.bits));
}

function normalForm(
  address: ipaddr.IPv6,
  bits: number,
): { text: string; isIPv4: boolean; network: ipaddr.IPv6 } {
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${bits}`);
  const isIPv4 = bits >= mappedBits && network.isIPv4MappedAddress();
  const text = isIPv4
    ? `${network.toIPv4Address().toString()}/${bits - mappedBits}`
    : `${network.toString()}/${bits}`;
  return { text, isIPv4, network };
}

function toIPv6(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv6 {
  return address instanceof ipaddr.IPv4 ? address.toIPv4MappedAddress() : address;
}
