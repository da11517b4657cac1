import { describe, expect, it } from 'vitest';
import { formatPath, type FieldPath } from '../src/admission/field-path.ts';
import { isRecord, recordOf, valueAt, type JsonRecord } from '../src/admission/json.ts';
import { rules } from '../src/rules/index.ts';
import { exampleEngine } from './example-engine.ts';
import { parseExample, requestFor, reviewRequest } from './example-request.ts';

/**
 * A denied example stays denied when a value on a violating path is replaced by one of another type: a
 * rule that takes a mistyped field for an absent one would let it through.
 */
const engine = await exampleEngine();

const replacements: readonly (readonly [string, unknown])[] = [
  ['a number', 7],
  ['a text', 'x'],
  ['a list', ['x']],
  ['an object', { x: 'x' }],
  ['null', null],
  ['nothing', undefined],
];

const requestedBuckets =
  'spec.jobTemplate.spec.template.metadata.annotations["bucketwarden.io/buckets"]';
const audience = 'spec.template.spec.volumes[].projected.sources[].serviceAccountToken.audience';
const gone = 'what broke the rule is gone, and nothing is left that could mean the same';
const short = '"x" is too short for the name of a bucket, so it names none';
const unnamed = 'a variable without a name, or called "x", sets nothing that a client reads';

/** Why an example may be allowed after all: by rule, path without indexes, and replacement. */
const harmless: ReadonlyMap<string, string> = new Map([
  ['bucket-outside-tenant spec.containers[].args[] a text', short],
  ['bucket-outside-tenant spec.containers[].args[] nothing', gone],
  ['bucket-outside-tenant spec.containers[].env[].value a text', short],
  ['bucket-outside-tenant spec.containers[].env[].value nothing', gone],
  ['bucket-outside-tenant spec.containers[].env[].value null', gone],
  [`bucket-outside-tenant ${requestedBuckets} nothing`, gone],
  [`bucket-outside-tenant ${requestedBuckets} null`, gone],
  ['export-scope spec.exportTo[] nothing', gone],
  ['service-entry-host spec.hosts[] nothing', gone],
  ['service-entry-wildcard-host spec.hosts[] nothing', gone],
  ['static-credentials spec.containers[].args[] a text', gone],
  ['static-credentials spec.containers[].args[] nothing', gone],
  ['static-credentials spec.containers[].env[].name a text', unnamed],
  ['static-credentials spec.containers[].env[].name nothing', unnamed],
  ['static-credentials spec.containers[].env[].name null', unnamed],
  [`storage-token-audience ${audience} a text`, 'the audience "x" is nobody\'s'],
  [
    `storage-token-audience ${audience} nothing`,
    'the token is for the API server, as every pod has one',
  ],
  [
    `storage-token-audience ${audience} null`,
    'the token is for the API server, as every pod has one',
  ],
  ['storage-tenant spec.actions[] nothing', 'one of two that exclude each other is left'],
]);

for (const rule of rules) {
  describe(rule.id, () => {
    for (const [index, example] of rule.examples.denied.entries()) {
      const object = parseExample(example.yaml);
      for (const leaf of leavesBelow(object, example.paths)) {
        it.each(replacements)(
          `example ${index + 1}, ${formatPath(leaf)} alone, replaced by %s is still denied`,
          async (name, value) => {
            const { object: alone, path } = isolate(object, leaf, example.paths);
            const request = { ...requestFor(example), object: replaceAt(alone, path, value) };
            const { decision } = await reviewRequest(request, engine);
            const key = `${rule.id} ${withoutIndexes(leaf)} ${name}`;
            if (decision.allowed) expect(harmless.get(key), `${key} is allowed`).toBeDefined();
          },
        );
      }
    }
  });
}

function withoutIndexes(path: FieldPath): string {
  return formatPath(path).replaceAll(/\[\d+\]/g, '[]');
}

/** Paths of the leaves at or below the places that messages name. */
function leavesBelow(object: JsonRecord, places: readonly string[]): FieldPath[] {
  return leavesOf(object, []).filter((leaf) => places.some((place) => isAtOrBelow(leaf, place)));
}

function isAtOrBelow(path: FieldPath, place: string): boolean {
  const text = formatPath(path);
  return text === place || text.startsWith(`${place}.`) || text.startsWith(`${place}[`);
}

function leavesOf(value: unknown, path: FieldPath): FieldPath[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, [...path, index]));
  if (!isRecord(value)) return [path];
  return Object.keys(value).flatMap((key) => leavesOf(value[key], [...path, key]));
}

/** The example without what violates at any other place, and where the leaf is then. */
function isolate(
  object: JsonRecord,
  leaf: FieldPath,
  places: readonly string[],
): { readonly object: JsonRecord; readonly path: FieldPath } {
  const marker = 'the leaf under test';
  const marked = replaceAt(object, leaf, marker);
  const others = places.filter((place) => !isAtOrBelow(leaf, place));
  const rest = recordOf(withoutPlaces(marked, [], others));
  const path = leavesOf(rest, []).find((one) => valueAt(rest, one) === marker) ?? leaf;
  return { object: replaceAt(rest, path, valueAt(object, leaf)), path };
}

function withoutPlaces(value: unknown, path: FieldPath, places: readonly string[]): unknown {
  const isLeft = (at: FieldPath): boolean => !places.includes(formatPath(at));
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => {
      const at = [...path, index];
      return isLeft(at) ? [withoutPlaces(item, at, places)] : [];
    });
  }
  if (!isRecord(value)) return value;
  const kept = Object.keys(value).filter((key) => isLeft([...path, key]));
  return Object.fromEntries(
    kept.map((key) => [key, withoutPlaces(value[key], [...path, key], places)]),
  );
}

/** A copy with another value at `path`; undefined removes it. */
function replaceAt(object: JsonRecord, path: FieldPath, value: unknown): JsonRecord {
  const [key, ...rest] = path;
  return recordOf(replaced(object, key === undefined ? [] : [key, ...rest], value));
}

function replaced(parent: unknown, [key, ...rest]: FieldPath, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(parent)) {
    return parent.flatMap((item: unknown, index) => {
      if (index !== key) return [item];
      const next = replaced(item, rest, value);
      return next === undefined ? [] : [next];
    });
  }
  const entries = Object.entries(recordOf(parent)).map(([name, member]) => [
    name,
    name === key ? replaced(member, rest, value) : member,
  ]);
  return Object.fromEntries(entries.filter(([, member]) => member !== undefined));
}
