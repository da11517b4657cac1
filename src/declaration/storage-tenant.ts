import type { FromSchema } from 'json-schema-to-ts';
import { apiVersion } from '../names.ts';
import { bucketEntry } from './bucket-entry.ts';
import { exemptionEntry } from './exemption-entry.ts';
import { issuerEntry } from './issuer-entry.ts';
import {
  actionsField,
  bucketPatternField,
  cidrField,
  dnsLabelField,
  hostPatternField,
  ruleActionsField,
} from './schema.ts';
import { tenantVariable } from './tenant-variable.ts';

/** What a StorageTenant declares; the CRD, the decoder and the types all come from this definition. */
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
      description: 'Exact names, not labels: nothing that a tenant can write moves a namespace.',
      items: dnsLabelField,
    },
    identity: {
      type: 'string',
      enum: ['Always', 'OnRequest', 'Never'],
      default: 'Always',
      description:
        'Which pods get a storage identity: all, those with the annotation bucketwarden.io/buckets, or none.',
    },
    buckets: {
      type: 'array',
      maxItems: 256,
      'x-kubernetes-list-type': 'atomic',
      description: 'Buckets of the tenant. Several entries for one bucket add up.',
      items: bucketEntry,
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
          description: 'Hosts. A wildcard is granted only if it is listed here.',
          items: hostPatternField,
        },
        cidrs: {
          type: 'array',
          maxItems: 256,
          'x-kubernetes-list-type': 'set',
          description:
            'Address ranges for endpoints and virtual addresses. Not wider than /8 (IPv4) or /16 (IPv6).',
          items: cidrField,
        },
      },
    },
    ingress: {
      type: 'object',
      additionalProperties: false,
      description: 'Public hosts of the tenant. Each host belongs to one tenant.',
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
      description:
        'Names that look like buckets in manifests, but are not in this store. No tenant can own such a bucket.',
      items: bucketPatternField,
    },
    issuers: {
      type: 'array',
      maxItems: 32,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['issuer'],
      description:
        'Token issuers of the tenant. Reserved for later: no rule of this version reads them.',
      items: issuerEntry,
    },
    env: {
      type: 'array',
      maxItems: 32,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      description: 'Extra variables for every container of the tenant.',
      items: tenantVariable,
    },
    actions: {
      ...actionsField,
      description: "What happens on violations. If absent, the cluster's setting applies.",
    },
    ruleActions: { ...ruleActionsField, description: 'The same for single rules, by id.' },
    exemptions: {
      type: 'array',
      maxItems: 64,
      'x-kubernetes-list-type': 'atomic',
      description: 'Exceptions with an end date, reported whenever they apply.',
      items: exemptionEntry,
    },
  },
} as const;

/** Said of exemptions for namespaces of others. */
export const foreignExemption = 'exemptions name only namespaces of this tenant';

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
      message: foreignExemption,
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
