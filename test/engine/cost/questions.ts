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
 * Of fields that a Pod's containers have as well, read by the same code, a few stand for all: another
 * few with each seed.
 */
function shareTaken({ kind, steps }: Field): number {
  if (kind.kind !== 'Pod' && steps.includes('template')) return 1 / 96;
  return steps.includes('initContainers') || steps.includes('ephemeralContainers') ? 1 / 12 : 1 / 3;
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

/** Everything there is: some fifteen million requests. */
export function* allQuestions(
  bytes: number,
  isWanted: (field: Field) => boolean,
): Generator<Question> {
  const fields = registeredKinds().flatMap(fieldsOf).filter(isWanted);
  const ways = layouts.flatMap((layout) =>
    operations.flatMap((operation) =>
      webhooks.flatMap((webhook) =>
        namespaces.map((namespace) => ({ layout, operation, webhook, namespace })),
      ),
    ),
  );
  for (const filler of fillers) {
    for (const field of fields) for (const way of ways) yield { field, filler, bytes, ...way };
  }
}

/**
 * A selection that takes about a minute: every third field with one filler, and every hot field with
 * every twelfth filler. Layout, operation, webhook and namespace change from one to the next, and
 * `seed` selects another such set.
 */
export function someQuestions(bytes: number, seed: number): readonly Question[] {
  const random = randomNumbers(seed);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[random() % items.length];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  };
  const ask = (field: Field, filler: Filler, size: number): Question => ({
    field,
    filler,
    layout: pick(layouts),
    operation: pick(operations),
    webhook: pick(webhooks),
    namespace: pick(namespaces),
    bytes: size,
  });
  const fields = registeredKinds().flatMap(fieldsOf);
  const each = fields
    .filter((field) => random() % (1 / shareTaken(field)) === 0)
    .map((field) => ask(field, pick(fillers), bytes));
  const hottest = fields
    .filter((field) => hot.includes(nameOf(field)))
    .flatMap((field) =>
      fillers.filter(() => random() % 12 === 0).map((filler) => ask(field, filler, bytes)),
    );
  // Sorted by filler, because its text is made once and then used again.
  const order = new Map(fillers.map((filler, index) => [filler, index]));
  return [...each, ...hottest].sort(
    (one, other) => (order.get(one.filler) ?? 0) - (order.get(other.filler) ?? 0),
  );
}

/** "Pod spec.containers.[].args.[], many of "://", UPDATE, validate, namespace payments, 3 MiB". */
export function describeQuestion(question: Question): string {
  const { field, layout, filler, operation, webhook, namespace, bytes } = question;
  const size = `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
  return [nameOf(field), `${layout} of ${filler.name}`, operation, webhook, namespace, size].join(
    ', ',
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
