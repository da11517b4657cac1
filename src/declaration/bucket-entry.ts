import { accessModes } from '../bucket/access.ts';
import { bucketPatternField, dnsLabelField, serviceAccountField } from './schema.ts';

const sharedWith = {
  type: 'array',
  maxItems: 64,
  description: 'Other tenants that may use the bucket. Only its owner can share it.',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['tenant'],
  items: {
    type: 'object',
    required: ['tenant'],
    additionalProperties: false,
    properties: {
      tenant: { ...dnsLabelField, description: 'Name of the receiving StorageTenant.' },
      access: {
        type: 'string',
        enum: accessModes,
        default: 'ReadOnly',
        description: "What the receiver may do; capped by the owner's own access and prefixes.",
      },
    },
  },
} as const;

/** One entry of `spec.buckets` of a StorageTenant. */
export const bucketEntry = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: {
      ...bucketPatternField,
      description: 'Exact name, or a prefix that ends in "-" or "." followed by one star.',
    },
    access: {
      type: 'string',
      enum: accessModes,
      default: 'ReadWrite',
      description: 'What the tenant may do with the objects.',
    },
    prefixes: {
      type: 'array',
      maxItems: 64,
      'x-kubernetes-list-type': 'set',
      description: 'Narrows the grant to object keys that start with one of these.',
      items: {
        type: 'string',
        minLength: 1,
        maxLength: 512,
        pattern: '^[^/*?\\\\][^*?\\\\]*$',
        errorMessage: 'must be plain text without "*", "?" and "\\", not starting with "/"',
      },
    },
    serviceAccounts: {
      type: 'array',
      minItems: 1,
      maxItems: 64,
      'x-kubernetes-list-type': 'set',
      description:
        "Narrows the grant to service accounts of these names, in all the tenant's namespaces.",
      items: serviceAccountField,
    },
    sharedWith,
  },
} as const;
