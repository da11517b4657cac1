/** A place in a text that names a bucket by URI, taken apart but not yet judged. */
export interface BucketUri {
  /** Scheme in lower case, without "://". */
  readonly scheme: string;
  /** Before "@"; undefined when there is none. */
  readonly userInfo: string | undefined;
  /** Host without port, as written. */
  readonly host: string;
  readonly port: string | undefined;
  /** After the host, without the leading slash, query and fragment. */
  readonly path: string;
}

/** Where a URI ends inside a longer text such as a shell script or a JSON document. */
const terminator = /[ \t\r\n"'`<>|;,()[\]\\^&!]/;
/** A terminator, or what may begin a variable. */
const interesting = /[ \t\r\n"'`<>|;,()[\]\\^&!$%]/;
/** Brackets belong to a URI only around an IPv6 address: "http://[fd00::1]:9000/bucket". */
const bracketedHost = /^(?:[^\s/@[\]]*@)?\[[0-9a-f:.]+\]/i;
const mark = '://';

/**
 * Finds "scheme://…" anywhere in a text. Variables stay part of the URI so that a bucket named
 * by one is seen as such. A URI inside another ("https://proxy/s3://bucket") ends the outer
 * one: no part of the text is read twice, whatever it looks like.
 * @param isWanted leaves out the URIs of other schemes, which are given in lower case
 */
export function findUris(
  text: string,
  isWanted: (scheme: string) => boolean = isAnyScheme,
): readonly BucketUri[] {
  const found: BucketUri[] = [];
  let at = text.indexOf(mark);
  while (at !== -1) {
    const next = text.indexOf(mark, at + mark.length);
    const scheme = schemeBefore(text, at);
    // The colon of the inner one still shows that what stands before it is no host.
    const rest = text.slice(at + mark.length, next === -1 ? text.length : next + 1);
    if (scheme !== '' && isWanted(scheme))
      found.push(splitUri(scheme, rest.slice(0, endOfUri(rest))));
    at = next;
  }
  return found;
}

/** True when a text still holds something only the running container can know. */
export function hasVariable(text: string): boolean {
  return text.includes('$') || text.includes('{') || text.includes('%(');
}

function isAnyScheme(): boolean {
  return true;
}

function schemeBefore(text: string, end: number): string {
  let start = end;
  while (start > 0 && isSchemeCharacter(text.charCodeAt(start - 1))) start--;
  // In a JSON document inside a text, "\ns3://" is a line break and a URI.
  const isEscape = start > 0 && text.charAt(start - 1) === '\\' && /[nrt]/.test(text.charAt(start));
  return text
    .slice(isEscape ? start + 1 : start, end)
    .replace(/^[^A-Za-z]+/, '')
    .toLowerCase();
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

function endOfUri(text: string): number {
  let end = text.includes('[') ? (bracketedHost.exec(text)?.[0].length ?? 0) : 0;
  while (end < text.length) {
    const distance = text.slice(end).search(interesting);
    if (distance === -1) return text.length;
    end += distance;
    if (isVariable(text, end)) end = endOfVariable(text, end);
    else if (terminator.test(text.charAt(end))) return end;
    else end++;
  }
  return end;
}

/** "$(NAME)" of the kubelet, "${NAME}" of shells, "%(name)s" of Python. */
function isVariable(text: string, at: number): boolean {
  const opening = text.slice(at, at + 2);
  return opening === '$(' || opening === '${' || opening === '%(';
}

function endOfVariable(text: string, start: number): number {
  const close = text.indexOf(text.charAt(start + 1) === '(' ? ')' : '}', start);
  return close === -1 ? text.length : close + 1;
}

function splitUri(scheme: string, rest: string): BucketUri {
  const pathStart = rest.search(/[/?#]/);
  const authority = pathStart === -1 ? rest : rest.slice(0, pathStart);
  const path =
    pathStart === -1
      ? ''
      : rest
          .slice(pathStart)
          .replace(/^\/+/, '')
          .replace(/[?#].*$/s, '');
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
    path,
  };
}
