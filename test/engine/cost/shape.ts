import * as kubernetes from '@kubernetes/client-node';
import {
  isRecord,
  listOf,
  recordOf,
  textOf,
  type JsonRecord,
} from '../../../src/admission/json.ts';
import { buildStorageTenantCrd } from '../../../src/manifests/crd.ts';
import { objectsIn, thirdParty, yamlFiles } from '../../third-party.ts';

/** What a value may look like, as far as text can be put into it. */
export type Shape =
  | { readonly kind: 'text' }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'map'; readonly value: Shape }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Shape> }
  /** Numbers, booleans and times: nothing to fill in. */
  | { readonly kind: 'other' };

const text: Shape = { kind: 'text' };
const other: Shape = { kind: 'other' };

/**
 * The shape of a registered kind: of built-in ones from the models of Kubernetes' client, of custom
 * ones from their CustomResourceDefinition.
 * @throws Error when neither knows the kind
 */
export function shapeOf({ group, kind }: { group: string; kind: string }): Shape {
  const schema = customSchemas.get(`${group}/${kind}`);
  if (schema === undefined) return shapeOfModel(`V1${kind}`);
  const shape = shapeOfSchema(schema);
  if (shape.kind !== 'object') throw new Error(`${kind}: its schema is not that of an object`);
  const metadata = shapeOfModel('V1ObjectMeta');
  return { kind: 'object', fields: new Map([...shape.fields, ['metadata', metadata]]) };
}

const customSchemas = new Map(
  [...thirdPartyDefinitions(), buildStorageTenantCrd()].map((definition) => {
    const spec = recordOf(recordOf(definition)['spec']);
    const kind = textOf(recordOf(spec['names'])['kind']) ?? '';
    const [version] = listOf(spec['versions']);
    const schema = recordOf(recordOf(recordOf(version)['schema'])['openAPIV3Schema']);
    return [`${textOf(spec['group']) ?? ''}/${kind}`, schema] as const;
  }),
);

function thirdPartyDefinitions(): JsonRecord[] {
  return yamlFiles(thirdParty.data, 'crds').flatMap((file) =>
    objectsIn(thirdParty.data, `crds/${file}`),
  );
}

function shapeOfSchema(schema: JsonRecord): Shape {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return text;
  if (schema['x-kubernetes-int-or-string'] === true) return text;
  switch (schema['type']) {
    case 'string':
      return text;
    case 'array':
      return { kind: 'list', item: shapeOfSchema(recordOf(schema['items'])) };
    case 'object':
      return shapeOfObjectSchema(schema);
    default:
      return other;
  }
}

function shapeOfObjectSchema({ properties, additionalProperties }: JsonRecord): Shape {
  if (!isRecord(properties) && isRecord(additionalProperties)) {
    return { kind: 'map', value: shapeOfSchema(additionalProperties) };
  }
  const fields = Object.entries(recordOf(properties)).map(
    ([name, property]) => [name, shapeOfSchema(recordOf(property))] as const,
  );
  return { kind: 'object', fields: new Map(fields) };
}

/** A class of the client: a list of its members and their types. */
interface Model {
  getAttributeTypeMap(): readonly { readonly baseName: string; readonly type: string }[];
}

const models = new Map<string, Model>();
for (const [name, model] of Object.entries(kubernetes)) if (isModel(model)) models.set(name, model);

function isModel(value: unknown): value is Model {
  return typeof value === 'function' && 'getAttributeTypeMap' in value;
}

function shapeOfModel(name: string): Shape {
  const model = models.get(name);
  if (model === undefined) throw new Error(`${name}: neither a CRD nor a model of the client`);
  const fields = model
    .getAttributeTypeMap()
    .map(({ baseName, type }) => [baseName, shapeOfType(type)] as const);
  return { kind: 'object', fields: new Map(fields) };
}

/** "string", "Array<V1Container>", "{ [key: string]: string; }", "V1PodSpec", "IntOrString". */
function shapeOfType(type: string): Shape {
  const item = /^Array<(.+)>$/.exec(type)?.[1];
  if (item !== undefined) return { kind: 'list', item: shapeOfType(item) };
  const value = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (value !== undefined) return { kind: 'map', value: shapeOfType(value) };
  if (['string', 'any', 'IntOrString'].includes(type)) return text;
  return models.has(type) ? shapeOfModel(type) : other;
}
