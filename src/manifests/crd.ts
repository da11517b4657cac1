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
  description: 'What Bucketwarden made of the declaration; written by one of its replicas.',
  properties: {
    observedGeneration: {
      type: 'integer',
      format: 'int64',
      description: 'Generation the conditions speak of.',
    },
    conditions: {
      type: 'array',
      description: 'Ready: validated, without conflict and loaded. Conflict: claims overlap.',
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
    counts: {
      type: 'object',
      description: 'Sizes at a glance.',
      properties: {
        namespaces: { type: 'integer' },
        buckets: { type: 'integer' },
        grants: { type: 'integer' },
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
