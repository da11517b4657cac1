import { hostText, type Host } from './host.ts';
import { overlaps } from './wildcard.ts';

type Claim = Extract<Host, { kind: 'wildcard' | 'name' }>;

/**
 * Hosts and label-wise wildcards, each with a value. This is what was *granted* or *claimed*: a
 * wildcard "*.example.com" holds every name below example.com, but neither example.com itself nor
 * "evilexample.com". The cost of a look-up grows with the number of labels in the longest wildcard of
 * the map, and neither with the number of hosts in it nor with the number of labels in the host: 127
 * labels are no more expensive than three.
 */
export class HostMap<Value> {
  readonly #names = new Map<string, Value[]>();
  /** Keyed by the suffix with its leading dot. */
  readonly #wildcards = new Map<string, Value[]>();
  /** Everything that lies below a suffix, to answer for wildcards wider than what is in the map. */
  readonly #below = new Map<string, Value[]>();
  #mostDots = 0;
  readonly #all: { readonly host: Claim; readonly value: Value }[] = [];

  /** Adds a host; a wildcard must be label-wise (see `wildcardProblem`). */
  add(host: Claim, value: Value): void {
    const suffixes = parentSuffixes(hostText(host), Infinity);
    if (host.kind === 'wildcard') {
      pushTo(this.#wildcards, host.suffix, value);
      this.#mostDots = Math.max(this.#mostDots, suffixes.length);
    } else pushTo(this.#names, host.name, value);
    for (const suffix of suffixes) pushTo(this.#below, suffix, value);
    this.#all.push({ host, value });
  }

  /** The values whose host is, or whose wildcard contains, the whole of `host`. */
  containing(host: Claim): readonly Value[] {
    const found: Value[] = [];
    if (host.kind === 'name') found.push(...(this.#names.get(host.name) ?? []));
    for (const suffix of this.#parentsOf(host)) {
      found.push(...(this.#wildcards.get(suffix) ?? []));
    }
    return found;
  }

  /**
   * The values that share at least one host with `host`, in either direction. Only a partial wildcard
   * ("*local"), which no grant allows anyway, is compared with every host in the map.
   */
  overlapping(host: Claim): readonly Value[] {
    if (host.kind === 'wildcard' && !isLabelWise(host.suffix)) {
      return this.#all.filter((member) => overlaps(member.host, host)).map(({ value }) => value);
    }
    const containing = this.containing(host);
    if (host.kind === 'name') return containing;
    return [...new Set([...containing, ...(this.#below.get(host.suffix) ?? [])])];
  }

  /** True when a wildcard in the map contains the whole of `host`. */
  hasWildcardFor(host: Claim): boolean {
    return this.#parentsOf(host).some((suffix) => this.#wildcards.has(suffix));
  }

  has(host: Claim): boolean {
    return (host.kind === 'name' && this.#names.has(host.name)) || this.hasWildcardFor(host);
  }

  /** The suffixes under which a wildcard of this map could contain `host`, longest first. */
  #parentsOf(host: Claim): readonly string[] {
    return parentSuffixes(hostText(host), this.#mostDots);
  }
}

function isLabelWise(suffix: string): boolean {
  return suffix.startsWith('.') && suffix.length > 1;
}

/**
 * ".b.example.com", ".example.com", ".com" for "a.b.example.com"; the same for "*.b.example.com". Of
 * these, the shortest ones, up to `most`.
 */
function parentSuffixes(text: string, most: number): string[] {
  const suffixes: string[] = [];
  let dot = text.lastIndexOf('.');
  for (; dot !== -1 && suffixes.length < most; dot = text.lastIndexOf('.', dot - 1)) {
    suffixes.push(text.slice(dot));
    // A negative start would find a dot at 0 again.
    if (dot === 0) break;
  }
  return suffixes.reverse();
}

function pushTo<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
