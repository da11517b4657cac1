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
const terminators = new Set([...' \t\r\n"\'`<>|;,()[]\\^&!']);
const schemeCharacter = /[A-Za-z0-9+.-]/;

/**
 * Finds "scheme://…" anywhere in a text. "$(" and "${" stay part of the URI so that a bucket named
 * by a variable is seen as such.
 */
export function findUris(text: string): readonly BucketUri[] {
  const found: BucketUri[] = [];
  for (let at = text.indexOf('://'); at !== -1; at = text.indexOf('://', at + 3)) {
    let start = at;
    while (start > 0 && schemeCharacter.test(text.charAt(start - 1))) start--;
    const scheme = text.slice(start, at).toLowerCase();
    if (scheme !== '') found.push(splitUri(scheme, text.slice(at + 3, endOfUri(text, at + 3))));
  }
  return found;
}

/** True when a text still holds something only the running container can know. */
export function hasVariable(text: string): boolean {
  return text.includes('$') || text.includes('{') || text.includes('%(');
}

function endOfUri(text: string, start: number): number {
  let end = start;
  while (end < text.length) {
    const character = text.charAt(end);
    if (character === '$' && '({'.includes(text.charAt(end + 1))) {
      end = endOfVariable(text, end);
    } else if (terminators.has(character)) {
      break;
    } else {
      end++;
    }
  }
  return end;
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
  const port = /:(\d*)$/.exec(hostPort);
  return {
    scheme,
    userInfo: at === -1 ? undefined : authority.slice(0, at),
    host: port ? hostPort.slice(0, port.index) : hostPort,
    port: port?.[1],
    path,
  };
}
