import type { BucketwardenConfig } from '../declaration/bucketwarden-config.ts';

/** How bucket names are recognised, compiled for constant-time look-ups. */
export interface Detection {
  isBucketVariable(name: string): boolean;
  readonly flags: ReadonlySet<string>;
  readonly schemes: ReadonlySet<string>;
  /** Keys from an object's root to its pod spec, by "apiVersion/kind". */
  readonly podSpecPaths: ReadonlyMap<string, readonly string[]>;
}

/** What the schema allows for an entry of `detection.env`; names may be longer. */
const maxEntryCharacters = 128;

/** Compiles the `detection` section. */
export function compileDetection({ detection }: BucketwardenConfig): Detection {
  const names = new Set<string>();
  const suffixes: string[] = [];
  for (const entry of detection.env) {
    if (entry.startsWith('*')) suffixes.push(entry.slice(1).toUpperCase());
    else names.add(entry.toUpperCase());
  }
  return {
    isBucketVariable(name) {
      // The end is enough, and capitals of a mebibyte take long.
      const upper = name.slice(-maxEntryCharacters).toUpperCase();
      const isShort = name.length <= maxEntryCharacters;
      return (isShort && names.has(upper)) || suffixes.some((suffix) => upper.endsWith(suffix));
    },
    flags: new Set(detection.flags),
    schemes: new Set(detection.schemes),
    podSpecPaths: new Map(
      detection.templates.map(({ apiVersion, kind, podSpec }) => [
        `${apiVersion}/${kind}`,
        podSpec.split('.'),
      ]),
    ),
  };
}
