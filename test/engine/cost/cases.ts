import { layouts, type Case } from './body.ts';
import { fieldsOf, registeredKinds, type Field } from './fields.ts';
import { fillers, type Filler } from './fillers.ts';
import type { WebhookName } from '../../../src/telemetry/decision-log.ts';

/** A hostile request and where it is sent. */
export interface Question extends Case {
  readonly webhook: WebhookName;
}

const webhooks = ['validate', 'mutate'] as const;
const operations = ['UPDATE', 'CREATE'] as const;
/** One of a tenant, one of nobody. */
const namespaces = ['payments', 'nobody'] as const;

/**
 * Kinds that only carry a pod template: their fields are those of Pod and are read by the same code,
 * so that one of them stands for all, each time another.
 */
function isTemplateField({ kind, steps }: Field): boolean {
  return kind.kind !== 'Pod' && steps.includes('template');
}

/** Fields that rules read: those get every filler. */
const hot: readonly string[] = [
  'Pod spec.containers.[].env.[].value',
  'Pod spec.containers.[].env.[].name',
  'Pod spec.containers.[].args.[]',
  'Pod spec.containers.[].image',
  'Pod spec.volumes.[].csi.volumeAttributes.{}',
  'Pod metadata.annotations.{}',
  'ServiceEntry spec.hosts.[]',
  'ServiceEntry spec.addresses.[]',
  'ServiceEntry spec.endpoints.[].address',
  'ServiceEntry spec.exportTo.[]',
  'VirtualService spec.hosts.[]',
  'VirtualService spec.exportTo.[]',
  'DestinationRule spec.host',
  'Namespace metadata.labels',
  'StorageTenant spec.namespaces.[]',
  'StorageTenant spec.buckets.[].name',
  'StorageTenant spec.egress.hosts.[]',
];

export function nameOf(field: Field): string {
  return `${field.kind.kind} ${field.steps.join('.')}`;
}

/** Everything there is: some ten million requests. */
export function* allQuestions(bytes: number, isWanted: (field: Field) => boolean): Generator<Question> {
  for (const filler of fillers)
    for (const field of registeredKinds().flatMap(fieldsOf).filter(isWanted))
      for (const layout of layouts)
        for (const operation of operations)
          for (const webhook of webhooks)
            for (const namespace of namespaces)
              yield { field, filler, layout, operation, namespace, webhook, bytes };
}

/**
 * A selection that takes a minute: every field once, and every filler once in each hot field; layout,
 * operation, webhook and namespace change from one to the next. `seed` selects another such set.
 */
export function someQuestions(bytes: number, seed: number): readonly Question[] {
  const random = randomNumbers(seed);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[random() % items.length];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  };
  const ask = (field: Field, filler: Filler): Question => ({
    field,
    filler,
    layout: pick(layouts),
    operation: pick(operations),
    webhook: pick(webhooks),
    namespace: pick(namespaces),
    bytes,
  });
  const fields = registeredKinds().flatMap(fieldsOf);
  const each = fields
    .filter((field) => !isTemplateField(field) || random() % 8 === 0)
    .map((field) => ask(field, pick(fillers)));
  const hottest = fields
    .filter((field) => hot.includes(nameOf(field)))
    .flatMap((field) => fillers.map((filler) => ask(field, filler)));
  // Sorted by filler, because its text is made once and then used again.
  const order = new Map(fillers.map((filler, index) => [filler, index]));
  return [...each, ...hottest].sort(
    (one, other) => (order.get(one.filler) ?? 0) - (order.get(other.filler) ?? 0),
  );
}

/** Numbers that look random and are the same every time (a linear congruential generator). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
