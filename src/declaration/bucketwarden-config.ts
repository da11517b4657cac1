import type { FromSchema } from 'json-schema-to-ts';
import { apiVersion } from '../names.ts';
import { detectionSection } from './detection-section.ts';
import { meshSection } from './mesh-section.ts';
import { cidrField, dnsLabelField, hostPatternField, ruleActionsField } from './schema.ts';
import { storageSection } from './storage-section.ts';

/** The config of a cluster; its JSON schema, defaults and type all come from this definition. */
export const bucketwardenConfigSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'BucketwardenConfig',
  description: 'Cluster-wide settings of Bucketwarden. They are reloaded when the file changes.',
  type: 'object',
  required: ['apiVersion', 'kind'],
  additionalProperties: false,
  properties: {
    apiVersion: { type: 'string', enum: [apiVersion] },
    kind: { type: 'string', enum: ['BucketwardenConfig'] },
    metadata: { type: 'object', description: 'Ignored.' },
    storage: storageSection,
    mesh: meshSection,
    protected: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'Hosts and addresses that no object may name, lead to or replace.',
      properties: {
        hosts: {
          type: 'array',
          maxItems: 256,
          'x-kubernetes-list-type': 'set',
          default: ['metadata.google.internal'],
          description: 'Hosts or wildcards.',
          items: hostPatternField,
        },
        cidrs: {
          type: 'array',
          maxItems: 256,
          'x-kubernetes-list-type': 'set',
          default: ['169.254.0.0/16', 'fd00:ec2::254/128', 'fe80::/10'],
          description: 'Address ranges. Add the pod, Service and node ranges of the cluster.',
          items: cidrField,
        },
      },
    },
    detection: detectionSection,
    rules: {
      ...ruleActionsField,
      default: {},
      description: 'Actions by rule id, for the whole cluster.',
    },
    exemptNamespaces: {
      type: 'array',
      maxItems: 64,
      'x-kubernetes-list-type': 'set',
      default: ['kube-system', 'bucketwarden-system'],
      description: 'Namespaces in which nothing is checked.',
      items: dnsLabelField,
    },
    infrastructureNamespaces: {
      type: 'array',
      maxItems: 64,
      'x-kubernetes-list-type': 'set',
      default: [],
      description:
        'Namespaces that are checked, but not blocked while the webhook is down, such as those of CNI, CSI and DNS.',
      items: dnsLabelField,
    },
    untenanted: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'What is denied in namespaces that belong to no tenant.',
      properties: {
        buckets: {
          type: 'string',
          enum: ['Managed', 'All', 'None'],
          default: 'Managed',
          description: 'Managed: buckets of any tenant. All: every bucket. None: nothing.',
        },
        hosts: {
          type: 'string',
          enum: ['Protected', 'All', 'None'],
          default: 'Protected',
          description:
            'Protected: protected hosts, names of the store, ingress hosts of tenants, and wildcards. All: every host. None: nothing.',
        },
      },
    },
  },
} as const;

/** The file with all its defaults filled in. */
export type BucketwardenConfig = FromSchema<typeof bucketwardenConfigSchema>;
