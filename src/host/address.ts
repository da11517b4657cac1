import ipaddr from 'ipaddr.js';

/**
 * The canonical text of an IP address in any spelling a resolver accepts: dotted, decimal
 * (2130706433), hexadecimal (0x7f000001), octal, brackets, IPv4-mapped IPv6. Undefined for names.
 */
export function parseAddress(text: string): string | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (!/^[0-9a-fx.:]+$/i.test(bare) || !/[0-9:]/.test(bare)) return undefined;
  if (!ipaddr.isValid(bare)) return undefined;
  return ipaddr.process(bare).toString();
}

/** One CIDR range, ready to be compared. */
export interface Cidr {
  readonly text: string;
  readonly network: ipaddr.IPv4 | ipaddr.IPv6;
  readonly bits: number;
}

/**
 * Reads "10.0.0.0/8", or a single address as a range of one. An IPv4-mapped IPv6 range is read as
 * the IPv4 range it stands for. Undefined when it is neither.
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const network = ipaddr.parse(address);
  const width = network.kind() === 'ipv4' ? 32 : 128;
  if (slash === -1) return { text: address, network, bits: width };
  const written = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(written)) return undefined;
  const isMapped = width === 32 && text.slice(0, slash).includes(':');
  const bits = Number(written) - (isMapped ? 96 : 0);
  if (bits < 0 || bits > width) return undefined;
  return { text: `${address}/${bits}`, network, bits };
}

/** True when every address of `inner` is also in `outer`. */
export function cidrContains(outer: Cidr, inner: Cidr): boolean {
  if (outer.network.kind() !== inner.network.kind() || inner.bits < outer.bits) return false;
  return matches(inner.network, outer);
}

/** True when the two ranges share at least one address. */
export function cidrsOverlap(one: Cidr, other: Cidr): boolean {
  return (
    cidrContains(one, { ...other, bits: maxBits(other) }) ||
    cidrContains(other, { ...one, bits: maxBits(one) })
  );
}

function maxBits({ network }: Cidr): number {
  return network.kind() === 'ipv4' ? 32 : 128;
}

function matches(address: ipaddr.IPv4 | ipaddr.IPv6, range: Cidr): boolean {
  if (address instanceof ipaddr.IPv4 && range.network instanceof ipaddr.IPv4) {
    return address.match(range.network, range.bits);
  }
  if (address instanceof ipaddr.IPv6 && range.network instanceof ipaddr.IPv6) {
    return address.match(range.network, range.bits);
  }
  return false;
}
