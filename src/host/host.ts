import { parseAddress } from './address.ts';
import { lengthProblem, toAsciiName } from './idna.ts';

/**
 * A host as Istio or DNS would understand it, in one normal form: lower case, no trailing dot, IDN as
 * punycode, every numeric spelling of an address as that address.
 */
export type Host =
  | { readonly kind: 'name'; readonly name: string }
  /** `suffix` is the text after the star: ".example.com", "local" (partial), "." or "". */
  | { readonly kind: 'wildcard'; readonly suffix: string }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'invalid'; readonly reason: string };

const notAHost = 'is not a host name';
const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** Reads one host; never throws, what cannot be a host is `invalid` with the reason. */
export function parseHost(text: string): Host {
  const trimmed = text.trim();
  if (trimmed === '') return invalid('is empty');
  if (trimmed.startsWith('*')) return parseWildcard(trimmed.slice(1));
  const address = parseAddress(withoutTrailingDot(trimmed));
  if (address !== undefined) return { kind: 'address', address };
  return parseName(trimmed);
}

/** The normal form as text, for messages and set members; the input itself when it is invalid. */
export function hostText(host: Exclude<Host, { kind: 'invalid' }>): string {
  switch (host.kind) {
    case 'name':
      return host.name;
    case 'wildcard':
      return `*${host.suffix}`;
    case 'address':
      return host.address;
    default:
      return host satisfies never;
  }
}

function parseName(text: string): Host {
  if (/[/:@?#[\]%\\*\s]/.test(text)) return invalid(notAHost);
  const converted = isAscii(text) ? { name: text.toLowerCase() } : toAsciiName(text);
  if ('reason' in converted) return invalid(converted.reason);
  // Full-width and other dots are "." only now.
  const ascii = withoutTrailingDot(converted.name);
  if (ascii === '') return invalid(notAHost);
  const address = parseAddress(ascii);
  if (address !== undefined) return { kind: 'address', address };
  const reason = nameProblem(ascii);
  return reason === undefined ? { kind: 'name', name: ascii } : invalid(reason);
}

function parseWildcard(rest: string): Host {
  if (rest.includes('*')) return invalid('has more than one star');
  if (rest === '' || rest === '.') return { kind: 'wildcard', suffix: rest };
  if (!isAscii(rest)) return parseUnicodeWildcard(rest);
  const suffix = withoutTrailingDot(rest.toLowerCase());
  const reason = nameProblem(suffix.startsWith('.') ? suffix.slice(1) : `x${suffix}`);
  return reason === undefined ? { kind: 'wildcard', suffix } : invalid(reason);
}

function parseUnicodeWildcard(rest: string): Host {
  if (!rest.startsWith('.')) return invalid(notAHost);
  const parsed = parseName(rest.slice(1));
  if (parsed.kind === 'invalid') return parsed;
  if (parsed.kind !== 'name') return invalid(notAHost);
  return { kind: 'wildcard', suffix: `.${parsed.name}` };
}

function nameProblem(name: string): string | undefined {
  const reason = lengthProblem(name);
  if (reason !== undefined) return reason;
  return name.split('.').every((part) => label.test(part)) ? undefined : notAHost;
}

function withoutTrailingDot(text: string): string {
  return text.length > 1 && text.endsWith('.') ? text.slice(0, -1) : text;
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function invalid(reason: string): Host {
  return { kind: 'invalid', reason };
}
