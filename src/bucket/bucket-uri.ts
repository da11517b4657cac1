import { limits } from '../limits.ts';

/** A URI inside a longer text such as a shell script or a JSON document. */
export interface UriText {
  /** From the scheme on, as written, variables included. */
  readonly text: string;
  /** Scheme in lower case; empty when a variable is part of it. */
  readonly scheme: string;
  /** Where the slashes after the scheme end in `text`. */
  readonly authorityStart: number;
  /** Quotes or backslashes inside it: a shell joins what they separate. */
  readonly hasJoints: boolean;
  /** A backslash follows that may begin an escape ("\n") or be a slash to a URL parser. */
  readonly endsAtEscape: boolean;
  /** The URI goes on, but is too long to be read. */
  readonly isCut: boolean;
}

/** How to search a text, and how much. */
interface UriSearch {
  readonly isKnown: (scheme: string) => boolean;
  /** What a URI costs is in `limits`; below zero, the search ends. */
  readonly budget: { stepsLeft: number };
}

/** The parts of a URI. */
export interface BucketUri {
  readonly scheme: string;
  /** Before "@"; undefined when there is none. */
  readonly userInfo: string | undefined;
  /** Host without port, as written. */
  readonly host: string;
  readonly port: string | undefined;
  /** After the host, without leading slashes, query and fragment. */
  readonly path: string;
}

const slash = 0x2f;
const backslash = 0x5c;
const underscore = 0x5f;
const closingBrace = 0x7d;
/** Schemes and names of variables have at most this many characters. */
const maxLookBehind = 64;

/**
 * Finds "scheme://…" anywhere in a text. Schemes that `isKnown` accepts are also found with one slash,
 * with many and with backslashes, as programs accept them. A URI inside another is found, too.
 */
export function* findUris(
  text: string,
  { isKnown, budget }: UriSearch,
): Generator<UriText, void, undefined> {
  if (!text.includes(':')) return;
  const marks = /:[/\\]+/g;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (--budget.stepsLeft < 0) return;
    const { start, scheme } = schemeBefore(text, mark.index);
    const hasTwoSlashes = text.startsWith('://', mark.index);
    if (start === mark.index || (!hasTwoSlashes && !isKnown(scheme))) continue;
    const authority = marks.lastIndex;
    const window = text.slice(authority, authority + limits.maxUriCharacters);
    const { length: read, hasJoints } = lengthOfUri(window);
    budget.stepsLeft -= limits.stepsOfUrl + read / limits.charactersPerStep;
    yield {
      text: text.slice(start, authority + read),
      scheme,
      authorityStart: authority - start,
      hasJoints,
      endsAtEscape:
        window.charCodeAt(read) === backslash && isEscapeLetter(window.charAt(read + 1)),
      isCut: read === window.length && authority + read < text.length,
    };
  }
}

/** The ways to read a URI: one, or two where a shell would join what a program sees as separate. */
export function readUri({ text, scheme, authorityStart, hasJoints }: UriText): BucketUri[] {
  const rest = text.slice(authorityStart);
  if (!hasJoints) return [splitUri(scheme, rest)];
  const upToQuote = rest.split(/["']/, 1)[0] ?? '';
  return [
    splitUri(scheme, upToQuote.replaceAll('\\', '/')),
    splitUri(scheme, rest.replace(/["'\\]/g, '')),
  ];
}

/** True when a text still holds something only the running container can know. */
export function hasVariable(text: string): boolean {
  return text.includes('$') || text.includes('{') || text.includes('%(');
}

interface SchemeBefore {
  readonly start: number;
  readonly scheme: string;
}

/** The scheme that ends at `end`, a variable included; nothing when `start` is `end`. */
function schemeBefore(text: string, end: number): SchemeBefore {
  const first = Math.max(0, end - maxLookBehind);
  const last = text.charCodeAt(end - 1);
  if (last === closingBrace) {
    const open = text.slice(first, end).lastIndexOf('${');
    return { start: open === -1 ? end : first + open, scheme: '' };
  }
  let start = end;
  while (start > first && isSchemeCharacter(text.charCodeAt(start - 1))) start--;
  if (start === end && last !== underscore) return { start: end, scheme: '' };
  const before = text.slice(first, start);
  const variable = before.includes('$') ? /\$\w*$/.exec(before) : null;
  if (variable !== null) return { start: start - variable[0].length, scheme: '' };
  // In a JSON document inside a text, "\ns3://" is a line break and a URI.
  if (start > 0 && text.charAt(start - 1) === '\\' && isEscapeLetter(text.charAt(start))) start++;
  const written = text.slice(start, end);
  const scheme = written.replace(/^[^A-Za-z]+/, '');
  return { start: start + written.length - scheme.length, scheme: scheme.toLowerCase() };
}

/** Letters, digits, "+", "-" and "." (RFC 3986 §3.1), by code: this runs for every character. */
function isSchemeCharacter(code: number): boolean {
  const letter = code | 0x20;
  return (
    (letter >= 0x61 && letter <= 0x7a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2b ||
    code === 0x2d ||
    code === 0x2e
  );
}

/** "\n", "\r" and "\t" may be escapes; every other backslash before a letter is one by itself. */
function isEscapeLetter(letter: string): boolean {
  return letter === 'n' || letter === 'r' || letter === 't';
}

/** Brackets belong to a URI only around an IPv6 address: "http://[fd00::1]:9000/bucket". */
const bracketedHost = /(?:[^\s/@[\]]{0,256}@)?\[[0-9a-f:.]{1,64}\]/iy;
/** What ends a URI, or may begin a variable. */
const interesting = /[ \t\r\n"'`<>|;,()[\]\\^&!$%]/g;
/** Quotes and backslashes in the middle of a word. */
const joint = /["'\\]{1,4}(?=[\w.$/-])/y;

/** How far the URI reaches whose authority is the beginning of `text`. */
function lengthOfUri(text: string): { readonly length: number; readonly hasJoints: boolean } {
  let hasJoints = false;
  let end = matchEnd(bracketedHost, text, 0);
  while (end < text.length) {
    interesting.lastIndex = end;
    end = interesting.exec(text)?.index ?? text.length;
    const variableEnd = endOfVariable(text, end);
    const jointEnd = endOfJoint(text, end);
    if (variableEnd > end) end = variableEnd;
    else if (jointEnd > end) {
      hasJoints = true;
      end = jointEnd;
    } else if (text.charAt(end) === '$' || text.charAt(end) === '%') end++;
    else break;
  }
  return { length: end, hasJoints };
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** A line break written as an escape ends a URI, and so does a quote with nothing behind it. */
function endOfJoint(text: string, at: number): number {
  const isEscape =
    text.charCodeAt(at) === backslash &&
    text.charCodeAt(at - 1) !== backslash &&
    isEscapeLetter(text.charAt(at + 1));
  return isEscape ? at : matchEnd(joint, text, at);
}

/** Behind "$(NAME)" of the kubelet, "${NAME}" of shells, "%(name)s" of Python; else `at`. */
function endOfVariable(text: string, at: number): number {
  const opening = text.slice(at, at + 2);
  if (opening !== '$(' && opening !== '${' && opening !== '%(') return at;
  const close = text.indexOf(opening === '${' ? '}' : ')', at);
  return close === -1 ? text.length : close + 1;
}

function splitUri(scheme: string, rest: string): BucketUri {
  const pathStart = rest.search(/[/?#]/);
  const authority = pathStart === -1 ? rest : rest.slice(0, pathStart);
  const at = authority.lastIndexOf('@');
  const hostPort = at === -1 ? authority : authority.slice(at + 1);
  const colon = hostPort.lastIndexOf(':');
  const port = colon === -1 ? undefined : hostPort.slice(colon + 1);
  const hasPort = port !== undefined && /^\d*$/.test(port);
  return {
    scheme,
    userInfo: at === -1 ? undefined : authority.slice(0, at),
    host: hasPort ? hostPort.slice(0, colon) : hostPort,
    port: hasPort ? port : undefined,
    path: pathStart === -1 ? '' : pathOf(rest, pathStart),
  };
}

function pathOf(rest: string, start: number): string {
  let from = start;
  while (rest.charCodeAt(from) === slash) from++;
  const length = rest.slice(from).search(/[?#]/);
  return length === -1 ? rest.slice(from) : rest.slice(from, from + length);
}
