import type { FromSchema } from 'json-schema-to-ts';
import { apiVersion } from '../names.ts';
import { accessModes } from '../bucket/access.ts';
import {
  actionsField,
  bucketPatternField,
  cidrField,
  dnsLabelField,
  hostPatternField,
  ruleActionsField,
  serviceAccountField,
  urlField,
  variableField,
} from './schema.ts';

/** StorageTenant: the one definition from which CRD, decoder and types come. */

const sharedWith = {
  type: 'array',
  maxItems: 64,
  description: 'Other tenants that may use the bucket. Only the owner shares.',
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

const bucket = {
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
      description: "Narrows the grant to these accounts, valid in all the tenant's namespaces.",
      items: serviceAccountField,
    },
    sharedWith,
  },
} as const;

const issuer = {
  type: 'object',
  required: ['issuer', 'jwksUri'],
  additionalProperties: false,
  properties: {
    issuer: { type: 'string', minLength: 1, maxLength: 512, description: 'The `iss` of tokens.' },
    jwksUri: { ...urlField, description: 'Where its keys are.' },
    audiences: {
      type: 'array',
      maxItems: 16,
      'x-kubernetes-list-type': 'set',
      description: 'The `aud` values its tokens may carry.',
      items: { type: 'string', minLength: 1, maxLength: 512 },
    },
  },
} as const;

const exemption = {
  type: 'object',
  required: ['rule', 'namespace', 'reason', 'expires'],
  additionalProperties: false,
  'x-kubernetes-validations': [
    {
      rule: 'has(self.serviceAccount) != (has(self.kind) && has(self.name))',
      message: 'name either a serviceAccount, or one object by kind and name',
    },
    {
      rule: 'has(self.kind) == has(self.name)',
      message: 'kind and name belong together',
    },
  ],
  properties: {
    rule: { ...dnsLabelField, description: 'Id of the rule, see `bucketwarden policy list`.' },
    namespace: { ...dnsLabelField, description: 'One of the namespaces of this tenant.' },
    serviceAccount: { ...serviceAccountField, description: 'Exempts workloads of this account.' },
    kind: {
      type: 'string',
      minLength: 1,
      maxLength: 63,
      pattern: '^[A-Z][A-Za-z0-9]*$',
      errorMessage: 'must be a kind such as ServiceEntry',
      description: 'Kind of the one exempt object.',
    },
    name: { type: 'string', minLength: 1, maxLength: 253, description: 'Name of that object.' },
    reason: {
      type: 'string',
      minLength: 1,
      maxLength: 256,
      description: 'Shown whenever it applies.',
    },
    expires: {
      type: 'string',
      minLength: 10,
      maxLength: 10,
      pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$',
      errorMessage: 'must be a date, YYYY-MM-DD',
      description: 'Last day (UTC) on which it applies, YYYY-MM-DD.',
    },
  },
} as const;

export const storageTenantSpecSchema = {
  type: 'object',
  description: 'What one tenant owns and may reach.',
  required: ['namespaces'],
  additionalProperties: false,
  properties: {
    namespaces: {
      type: 'array',
      minItems: 1,
      maxItems: 256,
      'x-kubernetes-list-type': 'set',
      description: 'Exact names. Never labels: nothing a tenant can write moves a namespace.',
      items: dnsLabelField,
    },
    identity: {
      type: 'string',
      enum: ['Always', 'OnRequest', 'Never'],
      default: 'Always',
      description:
        'Which pods get a storage identity: all, those with the bucketwarden.io/buckets annotation, or none.',
    },
    buckets: {
      type: 'array',
      maxItems: 256,
      'x-kubernetes-list-type': 'atomic',
      description: 'Buckets of the tenant. Several entries for one bucket add up.',
      items: bucket,
    },
    egress: {
      type: 'object',
      additionalProperties: false,
      description: 'What ServiceEntries of the tenant may name.',
      properties: {
        hosts: {
          type: 'array',
          maxItems: 256,
          'x-kubernetes-list-type': 'set',
          description: 'Hosts; a wildcard is granted only by writing one here.',
          items: hostPatternField,
        },
        cidrs: {
          type: 'array',
          maxItems: 256,
          'x-kubernetes-list-type': 'set',
          description: 'Address ranges for endpoints and virtual addresses.',
          items: cidrField,
        },
      },
    },
    ingress: {
      type: 'object',
      additionalProperties: false,
      description: 'Public hosts of the tenant; no two tenants may claim the same.',
      properties: {
        hosts: {
          type: 'array',
          maxItems: 256,
          'x-kubernetes-list-type': 'set',
          description: 'Hosts or wildcards.',
          items: hostPatternField,
        },
      },
    },
    externalBuckets: {
      type: 'array',
      maxItems: 256,
      'x-kubernetes-list-type': 'set',
      description: 'Names that look like buckets in manifests but are none of this store.',
      items: bucketPatternField,
    },
    issuers: {
      type: 'array',
      maxItems: 32,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['issuer'],
      description:
        'Token issuers of the tenant. Kept for later: no rule of this version reads them.',
      items: issuer,
    },
    env: {
      type: 'array',
      maxItems: 32,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-validations': [
        {
          rule: "self.all(v, !v.name.startsWith('AWS_') && !v.name.startsWith('BUCKETWARDEN_') && v.name != 'NODE_EXTRA_CA_CERTS')",
          message:
            'names that start with AWS_ or BUCKETWARDEN_, and NODE_EXTRA_CA_CERTS, are reserved',
        },
      ],
      description: 'Extra variables for every container of the tenant.',
      items: variableField,
    },
    actions: {
      ...actionsField,
      description: "What happens on violations; absent = the cluster's.",
    },
    ruleActions: { ...ruleActionsField, description: 'The same for single rules, by id.' },
    exemptions: {
      type: 'array',
      maxItems: 64,
      'x-kubernetes-list-type': 'atomic',
      description: 'Bounded exceptions, visible and counted.',
      items: exemption,
    },
  },
} as const;

export const storageTenantSchema = {
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  additionalProperties: false,
  'x-kubernetes-validations': [
    {
      rule: '!has(self.spec.buckets) || self.spec.buckets.all(b, !has(b.sharedWith) || b.sharedWith.all(s, s.tenant != self.metadata.name))',
      message: 'a tenant cannot share a bucket with itself',
    },
    {
      rule: '!has(self.spec.exemptions) || self.spec.exemptions.all(e, e.namespace in self.spec.namespaces)',
      message: 'exemptions name only namespaces of this tenant',
    },
  ],
  properties: {
    apiVersion: { type: 'string', enum: [apiVersion] },
    kind: { type: 'string', enum: ['StorageTenant'] },
    metadata: {
      type: 'object',
      required: ['name'],
      properties: { name: dnsLabelField, generation: { type: 'integer' } },
    },
    spec: storageTenantSpecSchema,
    status: { type: 'object' },
  },
} as const;

export type StorageTenantSpec = FromSchema<typeof storageTenantSpecSchema>;
export type StorageTenant = FromSchema<typeof storageTenantSchema>;
export type BucketEntry = NonNullable<StorageTenantSpec['buckets']>[number];
export type ExemptionEntry = NonNullable<StorageTenantSpec['exemptions']>[number];
