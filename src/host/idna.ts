import { domainToASCII } from 'node:url';

/** RFC 1035 §2.3.4. */
export const maxNameLength = 253;
const maxLabelLength = 63;

/**
 * What UTS #46 drops from a name, so that it makes no name longer: soft hyphens, variation selectors
 * and the like. Compared with Node.js for every such code point in test/host/host.test.ts.
 */
const dropped =
  /[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2064\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0100}-\u{e01ef}]/gu;

/** The four characters that IDNA takes for the dot between labels (UTS #46 §2.3). */
const dot = /[.\u3002\uff0e\uff61]/u;

/**
 * The ASCII form of an international name (empty when it has none), or why its length rules it out. Length is checked first,
 * because the cost of Punycode grows with the square of it and more. Code points are what is
 * measured: each takes at least one character of the ASCII form, unless it is an accent written
 * apart from its letter; names that fit only because of those are refused as well.
 */
export function toAsciiName(text: string): { readonly name: string } | { readonly reason: string } {
  const visible = text.replace(dropped, '');
  const reason = lengthProblem(visible);
  return reason === undefined ? { name: domainToASCII(visible) } : { reason };
}

/** Why no resolver accepts a name of this length, or undefined; measures code points. */
export function lengthProblem(name: string): string | undefined {
  const labels = name.split(dot, maxNameLength);
  const hasTrailingDot = labels.length > 1 && labels.at(-1) === '';
  const length = hasTrailingDot ? maxNameLength + 1 : maxNameLength;
  if (isLongerThan(name, length)) return `is longer than ${maxNameLength} characters`;
  if (labels.some((label) => isLongerThan(label, maxLabelLength))) {
    return `has a label longer than ${maxLabelLength} characters`;
  }
  return undefined;
}

/** A code point is one or two UTF-16 units, so most texts need no counting. */
function isLongerThan(text: string, codePoints: number): boolean {
  if (text.length <= codePoints) return false;
  return text.length > 2 * codePoints || Array.from(text).length > codePoints;
}
