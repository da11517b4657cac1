import { isRecord, recordOf, type JsonRecord } from '../admission/json.ts';
import { apiGroup, installation } from '../names.ts';
import { storageTenantSchema, storageTenantSpecSchema } from '../declaration/storage-tenant.ts';

/** Keywords that are ours, or that structural schemas do not allow. */
const notForTheCrd = new Set(['errorMessage', 'additionalProperties']);

/** The CustomResourceDefinition of StorageTenant, made from the schema that also decodes files. */
export function buildStorageTenantCrd(): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `storagetenants.${apiGroup}`, labels: installation.labels },
    spec: {
      group: apiGroup,
      scope: 'Cluster',
      names: {
        kind: 'StorageTenant',
        listKind: 'StorageTenantList',
        plural: 'storagetenants',
        singular: 'storagetenant',
        shortNames: ['stn'],
      },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: printerColumns,
          schema: { openAPIV3Schema: buildOpenApiSchema() },
        },
      ],
    },
  };
}

const printerColumns = [
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  {
    name: 'Conflict',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Conflict")].status',
  },
  { name: 'Identity', type: 'string', jsonPath: '.spec.identity' },
  { name: 'Namespaces', type: 'string', jsonPath: '.spec.namespaces', priority: 1 },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

/** `metadata` is the API server's own; only its name may be constrained. */
function buildOpenApiSchema(): object {
  return {
    type: 'object',
    description: 'One tenant of the object store: its namespaces, buckets, hosts and identity.',
    required: ['spec'],
    'x-kubernetes-validations': storageTenantSchema['x-kubernetes-validations'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: {
        type: 'object',
        properties: { name: { type: 'string', maxLength: 63, pattern: metadataNamePattern } },
      },
      spec: toStructural(storageTenantSpecSchema),
      status: statusSchema,
    },
  };
}

const metadataNamePattern = storageTenantSchema.properties.metadata.properties.name.pattern;

const statusSchema = {
  type: 'object',
  description: 'State of the declaration, as written by one of the replicas of Bucketwarden.',
  properties: {
    observedGeneration: {
      type: 'integer',
      format: 'int64',
      description: 'Generation that the conditions refer to.',
    },
    conditions: {
      type: 'array',
      description:
        'Ready: valid, without conflict, and in force. Conflict: another tenant claims the same.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: {
        type: 'object',
        required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
        properties: {
          type: { type: 'string' },
          status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
          observedGeneration: { type: 'integer', format: 'int64' },
          lastTransitionTime: { type: 'string', format: 'date-time' },
          reason: { type: 'string' },
          message: { type: 'string' },
        },
      },
    },
    namespaces: {
      type: 'array',
      description: 'The namespaces in force, and whether they are older than their listing.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name', 'listedSince', 'existedBefore'],
        properties: {
          name: { type: 'string' },
          listedSince: {
            type: 'string',
            format: 'date-time',
            description: 'When the StorageTenant was written that lists it first.',
          },
          existedBefore: {
            type: 'boolean',
            description: 'True: what was created in it before then has not been judged.',
          },
        },
      },
    },
    counts: {
      type: 'object',
      description: 'Sizes at a glance.',
      properties: {
        namespaces: { type: 'integer' },
        buckets: { type: 'integer' },
        grants: { type: 'integer' },
        preexistingNamespaces: { type: 'integer' },
      },
    },
  },
};

/** Drops what the API server would refuse; `additionalProperties` stays where it is a map's schema. */
function toStructural(schema: JsonRecord): object {
  const structural: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'additionalProperties' && isRecord(value))
      structural[keyword] = toStructural(value);
    if (notForTheCrd.has(keyword)) continue;
    structural[keyword] = convert(keyword, value);
  }
  return structural;
}

function convert(keyword: string, value: unknown): unknown {
  if (keyword === 'items') return toStructural(recordOf(value));
  if (keyword !== 'properties') return value;
  return Object.fromEntries(
    Object.entries(recordOf(value)).map(([name, member]) => [name, toStructural(recordOf(member))]),
  );
}
