import { separatedPrefixes, type BucketPattern } from './bucket-pattern.ts';

/**
 * Bucket patterns, each with a value. A look-up tries the name and the prefixes inside it, so its
 * cost depends on the length of the name and not on how many patterns there are.
 */
export class BucketMap<Value> {
  readonly #exact = new Map<string, Value[]>();
  readonly #prefixes = new Map<string, Value[]>();
  /** Everything that lies below a separated prefix, for patterns wider than what is in the map. */
  readonly #below = new Map<string, Value[]>();

  add(pattern: BucketPattern, value: Value): void {
    const text = pattern.kind === 'exact' ? pattern.name : pattern.prefix;
    pushTo(pattern.kind === 'exact' ? this.#exact : this.#prefixes, text, value);
    for (const prefix of separatedPrefixes(text)) pushTo(this.#below, prefix, value);
  }

  /** The values whose pattern matches the bucket `name`, exact ones first. */
  matching(name: string): readonly Value[] {
    let found: readonly Value[] = this.#exact.get(name) ?? [];
    for (const prefix of separatedPrefixes(name)) {
      const wider = this.#prefixes.get(prefix);
      if (wider !== undefined) found = [...found, ...wider];
    }
    return found;
  }

  /** The values whose pattern shares at least one bucket with `pattern`. */
  overlapping(pattern: BucketPattern): readonly Value[] {
    if (pattern.kind === 'exact') return this.matching(pattern.name);
    const { prefix } = pattern;
    const wider = separatedPrefixes(prefix).flatMap((shorter) => this.#prefixes.get(shorter) ?? []);
    const same = this.#prefixes.get(prefix) ?? [];
    return [...new Set([...same, ...wider, ...(this.#below.get(prefix) ?? [])])];
  }
}

function pushTo<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
