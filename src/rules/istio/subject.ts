import { isDeepStrictEqual } from 'node:util';
import { listOf, recordOf, textOf, type JsonRecord } from '../../admission/json.ts';
import type { FieldPath } from '../../admission/field-path.ts';
import type { Match } from '../../objects/match.ts';
import type { PublishedObject } from '../../objects/istio/published-object.ts';
import { mistypedFields, type Shape } from '../../objects/shape.ts';
import { readingOf } from '../reading.ts';
import type { Reading, Review, Subject, UpdateScope } from '../rule.ts';

/** An object of the mesh, as far as every rule about one needs it. */
interface MeshObject {
  readonly namespace: string;
}

/** A ServiceEntry as rules see it. */
export interface ServiceEntryView extends MeshObject {
  readonly published: PublishedObject;
  readonly endpoints: readonly { readonly path: FieldPath; readonly address: string }[];
  readonly ports: readonly { readonly path: FieldPath; readonly protocol: string }[];
  /** As written; Istio takes NONE when it is absent. */
  readonly resolution: string;
}

/** A ServiceEntry, VirtualService or DestinationRule, as far as its export is concerned. */
export interface ExportView extends MeshObject {
  readonly published: PublishedObject;
}

const group = 'networking.istio.io';

/** What an Istio object exports; rules and the mutation that fills `exportTo` go by the same kinds. */
export const exportMatch: readonly Match[] = [
  {
    group,
    resources: ['serviceentries', 'virtualservices', 'destinationrules'],
    operations: ['CREATE', 'UPDATE'],
  },
];

const texts: Shape = { list: 'text' };

const shapes: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  [
    'ServiceEntry',
    {
      fields: {
        hosts: texts,
        addresses: texts,
        exportTo: texts,
        location: 'text',
        resolution: 'text',
        ports: { list: { fields: { name: 'text', protocol: 'text' } } },
        endpoints: { list: { fields: { address: 'text', network: 'text' } } },
      },
    },
  ],
  ['VirtualService', { fields: { hosts: texts, gateways: texts, exportTo: texts } }],
  ['DestinationRule', { fields: { host: 'text', exportTo: texts } }],
]);

/** ServiceEntries. */
export const serviceEntrySubject: Subject<ServiceEntryView> = {
  match: [{ group, resources: ['serviceentries'], operations: ['CREATE', 'UPDATE'] }],
  hasTemplates: false,
  isInPlatform: false,
  read: (review) => readTyped(review, readServiceEntry),
  updateScope: specScope,
};

/** The kinds that Istio exports to other namespaces. */
export const exportSubject: Subject<ExportView> = {
  match: exportMatch,
  hasTemplates: false,
  isInPlatform: false,
  read: (review) => readTyped(review, (_, published) => ({ published })),
  updateScope: specScope,
};

/**
 * Metadata, finalizers and status of an old object stay free; whoever changes its spec makes all of it
 * right. An entry that was admitted while rules only warned must not get its endpoints later.
 */
function specScope({ object, oldObject }: Review): UpdateScope {
  return isDeepStrictEqual(object['spec'], oldObject?.['spec']) ? 'nothing' : 'everything';
}

function readTyped<View>(
  { object, kind, namespace, published }: Review,
  read: (spec: JsonRecord, published: PublishedObject) => View,
): Reading<View & MeshObject> {
  // The registry sends no other kind here; were it to, nothing would have been judged.
  if (published === undefined) throw new TypeError(`${kind.kind} publishes nothing`);
  const shape = shapes.get(kind.kind) ?? 'record';
  return readingOf(mistypedFields(object['spec'], shape, ['spec']), () => ({
    ...read(recordOf(object['spec']), published),
    namespace,
  }));
}

function readServiceEntry(
  spec: JsonRecord,
  published: PublishedObject,
): Omit<ServiceEntryView, 'namespace'> {
  return {
    published,
    endpoints: listOf(spec['endpoints']).map((endpoint, index) => ({
      path: ['spec', 'endpoints', index, 'address'],
      address: textOf(recordOf(endpoint)['address']) ?? '',
    })),
    ports: listOf(spec['ports']).map((port, index) => ({
      path: ['spec', 'ports', index],
      protocol: (textOf(recordOf(port)['protocol']) ?? '').toUpperCase(),
    })),
    resolution: textOf(spec['resolution']) ?? 'NONE',
  };
}
