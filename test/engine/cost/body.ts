import { listOf, recordOf, type JsonRecord } from '../../../src/admission/json.ts';
import type { Field, Kind, Steps } from './fields.ts';
import type { Filler } from './fillers.ts';

/** How a field is filled. */
export const layouts = [
  /** One text of the whole size. */
  'one',
  /** Many short texts, in the innermost list or map on the way to the field. */
  'many',
  /** Few texts, each as long as a host name may be. */
  'names',
  /** A list of texts where something else belongs. */
  'mistyped',
  /** Lists in lists in lists. */
  'nested',
  /** Many entries with nothing in them. */
  'empty',
] as const;
export type Layout = (typeof layouts)[number];

/** One hostile request. */
export interface Case {
  readonly field: Field;
  readonly filler: Filler;
  readonly layout: Layout;
  readonly operation: 'CREATE' | 'UPDATE';
  readonly namespace: string;
  /** Size of one object, in bytes of UTF-8, roughly. */
  readonly bytes: number;
}

/** The body of the AdmissionReview for a case. */
export function bodyOf(one: Case): string {
  const { kind } = one.field;
  const address = { group: kind.group, version: kind.version };
  const isUpdate = one.operation === 'UPDATE';
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { ...address, kind: kind.kind },
      resource: { ...address, resource: kind.resource },
      name: 'x',
      namespace: isClusterScoped(kind) ? '' : one.namespace,
      operation: one.operation,
      userInfo: { username: 'mallory', groups: ['system:authenticated'] },
      object: filledObject(one, 1),
      oldObject: isUpdate ? filledObject(one, 2) : null,
      dryRun: false,
    },
  });
}

function isClusterScoped({ kind }: Kind): boolean {
  return kind === 'Namespace' || kind === 'StorageTenant';
}

function filledObject(one: Case, seed: number): JsonRecord {
  const { kind, steps } = one.field;
  const base = {
    apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
    kind: kind.kind,
    metadata: isClusterScoped(kind)
      ? { name: kind.kind === 'Namespace' ? one.namespace : 'x' }
      : { name: 'x', namespace: one.namespace },
    ...specOf(one),
  };
  // Where nothing can be repeated, one text has the whole size.
  const isSingle = one.field.takes === 'text' && !steps.some((step) => ['[]', '{}'].includes(step));
  const isRepeated = one.layout === 'many' || one.layout === 'names';
  const layout = isSingle && isRepeated ? 'one' : one.layout;
  return recordOf(filled(base, steps, { ...one, layout, seed }));
}

/** Variables in the filler stand for a long text. */
function podSpec({ filler }: Case): object {
  const env = [{ name: 'V', value: 's3://payments-ledger/x '.repeat(2_000) }];
  const container = {
    name: 'report',
    image: 'report:1',
    ...(filler.name.includes('V') && { env }),
  };
  return { serviceAccountName: 'ledger-writer', containers: [container] };
}

/** What else is in the object: enough for every rule to look at the rest. */
function specOf(one: Case): object {
  const { kind } = one.field.kind;
  const template = { metadata: {}, spec: podSpec(one) };
  switch (kind) {
    case 'Namespace':
      return {};
    case 'Pod':
      return { spec: podSpec(one) };
    case 'PodTemplate':
      return { template };
    case 'CronJob':
      return { spec: { jobTemplate: { spec: { template } } } };
    case 'ServiceEntry':
      return { spec: { hosts: ['api.stripe.com'], exportTo: ['.'], resolution: 'DNS' } };
    case 'VirtualService':
      return { spec: { hosts: ['api.stripe.com'], exportTo: ['*'] } };
    case 'DestinationRule':
      return { spec: { host: 'api.stripe.com', exportTo: ['*'] } };
    case 'StorageTenant':
      return { spec: { namespaces: ['x'], buckets: [{ name: 'x-ledger' }] } };
    default:
      return { spec: { template } };
  }
}

type Filling = Case & { readonly seed: number };

/** `value` with the filler at the end of `steps`; what is on the way is kept, what is missing made. */
function filled(value: unknown, [step, ...rest]: Steps, filling: Filling): unknown {
  if (step === undefined) return leaf(filling);
  const isInnermost = !rest.includes('[]') && !rest.includes('{}');
  const count = isInnermost ? entryCount(filling) : 1;
  if (step === '[]') return repeatEntries(value, { rest, filling, count });
  if (step === '{}') {
    const members = repeatEntries([], { rest, filling, count });
    return Object.fromEntries(members.map((member, index) => [keyOf(filling, index), member]));
  }
  const record = recordOf(value);
  return { ...record, [step]: filled(record[step], rest, filling) };
}

function repeatEntries(
  value: unknown,
  { rest, filling, count }: { rest: Steps; filling: Filling; count: number },
): unknown[] {
  const [first, ...others] = listOf(value);
  return Array.from({ length: count }, (_, index) =>
    filled(index === 0 ? first : undefined, rest, { ...filling, seed: filling.seed + index }),
  ).concat(others);
}

const shortCharacters = 60;
/** A name of the DNS has at most 253. */
const nameCharacters = 236;

/** A list or map that is filled itself brings its own entries. */
function entryCount({ field, filler, layout, bytes }: Filling): number {
  if (field.takes !== 'text' || (layout !== 'many' && layout !== 'names')) return 1;
  const text = filler.text(layout === 'many' ? shortCharacters : nameCharacters, 1);
  return Math.ceil(bytes / Buffer.byteLength(JSON.stringify(text)));
}

function keyOf({ filler, seed }: Filling, index: number): string {
  return `${filler.text(20, seed)}${index}`;
}

function leaf(filling: Filling): unknown {
  const { filler, layout, bytes, seed, field } = filling;
  const isHostText = layout === 'names';
  switch (layout) {
    case 'one':
      return ofType(field, wholeText(filler, bytes, seed), filling);
    case 'many':
    case 'names': {
      const text = filler.text(isHostText ? nameCharacters : shortCharacters, seed);
      return ofType(field, isHostText ? dotted(text) : text, filling);
    }
    case 'mistyped':
      return manyTexts(filling);
    case 'nested':
      return nest(filling);
    case 'empty':
      return Array.from({ length: Math.ceil(bytes / 3) }, () => (field.takes === 'map' ? [] : {}));
    default:
      return layout satisfies never;
  }
}

/** A list takes the text in its entries, a map in its members. */
function ofType({ takes }: Field, text: string, filling: Filling): unknown {
  if (takes === 'text') return text;
  const many = filling.layout === 'one' ? [text] : manyTexts(filling);
  if (takes === 'list') return many;
  if (filling.layout === 'one') return { [text]: 'x' };
  return Object.fromEntries(many.map((one, index) => [keyOf(filling, index), one]));
}

function manyTexts({ filler, bytes, seed }: Filling): string[] {
  return Array.from({ length: Math.ceil(bytes / (2 * shortCharacters)) }, (_, index) =>
    filler.text(shortCharacters, seed + index),
  );
}

/** In labels of 59, so that the whole may be a host name. */
function dotted(text: string): string {
  return (text.match(/.{1,59}/gsu) ?? []).join('.');
}

/** Lists as deep as objects may be, filled at the bottom, as many as fit. */
function nest({ filler, bytes, seed, field }: Filling): unknown {
  const depth = 200 - 3 - field.steps.length;
  const text = filler.text(shortCharacters, seed);
  let inner: unknown = text;
  for (let level = 0; level < depth - 1; level++) inner = level % 2 === 0 ? [inner] : { a: inner };
  return Array.from({ length: Math.ceil(bytes / (4 * depth)) }, () => inner);
}

/** The texts made last, because the same ones go into field after field. */
const madeLast = { filler: '', texts: new Map<string, string>() };

function wholeText(filler: Filler, bytes: number, seed: number): string {
  if (madeLast.filler !== filler.name) {
    madeLast.filler = filler.name;
    madeLast.texts.clear();
  }
  const key = `${bytes} ${seed}`;
  const known = madeLast.texts.get(key);
  if (known !== undefined) return known;
  const sample = filler.text(1_000, 1);
  const characters = Math.floor(
    (bytes * sample.length) / Buffer.byteLength(JSON.stringify(sample)),
  );
  const text = filler.text(characters, seed);
  madeLast.texts.set(key, text);
  return text;
}
