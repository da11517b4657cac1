import { bucketNamePattern } from '../bucket/bucket-name.ts';

/**
 * Building blocks of the two declarations, in JSON Schema with some extensions of Kubernetes. One
 * definition serves the CRD, the decoder and, through json-schema-to-ts, the compiler. Every string and
 * list is bounded, because the API server refuses CEL rules whose cost is not. `errorMessage` puts a
 * `pattern` into words; it is our own keyword and does not reach the CRD.
 */

const dnsLabel = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';

/** A Kubernetes namespace or another RFC 1123 label. */
export const dnsLabelField = {
  type: 'string',
  minLength: 1,
  maxLength: 63,
  pattern: `^${dnsLabel}$`,
  errorMessage:
    'must be lower-case letters, digits and "-", starting and ending with a letter or digit',
} as const;

/** A service account's name: an RFC 1123 subdomain. */
export const serviceAccountField = {
  type: 'string',
  minLength: 1,
  maxLength: 253,
  pattern: `^${dnsLabel}(\\.${dnsLabel})*$`,
  errorMessage: 'must be a service account name: lower-case letters, digits, "-" and "."',
} as const;

/** A host, never a wildcard. */
export const hostField = {
  type: 'string',
  minLength: 1,
  maxLength: 253,
  pattern: `^${dnsLabel}(\\.${dnsLabel})*$`,
  errorMessage: 'must be a lower-case host name',
} as const;

/** A host, or "*." and a host. */
export const hostPatternField = {
  type: 'string',
  minLength: 1,
  maxLength: 253,
  pattern: `^(\\*\\.)?${dnsLabel}(\\.${dnsLabel})*$`,
  errorMessage: 'must be a lower-case host name, or "*." and a host name',
} as const;

/** An IP range. The pattern catches typing errors; the decoder checks the rest. */
export const cidrField = {
  type: 'string',
  minLength: 3,
  maxLength: 43,
  pattern: '^[0-9a-fA-F:.]+(/[0-9]{1,3})?$',
  errorMessage: 'must be an IP address or a range such as "203.0.113.0/28"',
} as const;

/** A bucket name, or a prefix that ends in a separator followed by one star. */
export const bucketPatternField = {
  type: 'string',
  minLength: 3,
  maxLength: 63,
  pattern: `^(${bucketNamePattern}|[a-z0-9][a-z0-9.-]*[.-]\\*)$`,
  errorMessage: 'must be a bucket name, or a prefix ending in "-" or "." and one star ("team-a-*")',
} as const;

/** An absolute http(s) URL without user, query or fragment. */
export const urlField = {
  type: 'string',
  minLength: 8,
  maxLength: 512,
  pattern: '^https?://[^/?#@\\s]+(/[^?#\\s]*)?$',
  errorMessage: 'must be an http(s) URL without user, query or fragment',
} as const;

export const actions = ['Deny', 'Warn', 'Audit'] as const;
export type Action = (typeof actions)[number];

/** What happens on a violation, in the words of ValidatingAdmissionPolicy. */
export const actionsField = {
  type: 'array',
  minItems: 1,
  maxItems: 2,
  'x-kubernetes-list-type': 'set',
  'x-kubernetes-validations': [
    {
      rule: "!('Deny' in self && 'Warn' in self)",
      message: 'Deny and Warn exclude each other',
    },
  ],
  items: { type: 'string', enum: actions },
} as const;

/** Actions by rule id. */
export const ruleActionsField = {
  type: 'object',
  maxProperties: 64,
  additionalProperties: actionsField,
} as const;

/** A custom kind that contains a pod spec, and where. */
export const podTemplateField = {
  type: 'object',
  required: ['apiVersion', 'kind', 'podSpec'],
  additionalProperties: false,
  properties: {
    apiVersion: {
      type: 'string',
      minLength: 1,
      maxLength: 253,
      pattern: `^(${dnsLabel}(\\.${dnsLabel})*/)?v[0-9]+((alpha|beta)[0-9]+)?$`,
      errorMessage: 'must be a group and a version, such as "argoproj.io/v1alpha1"',
      description: 'Group and version.',
    },
    kind: {
      type: 'string',
      minLength: 1,
      maxLength: 63,
      pattern: '^[A-Z][A-Za-z0-9]*$',
      errorMessage: 'must be a kind as manifests write it, such as "Rollout"',
      description: 'Kind.',
    },
    resource: {
      ...dnsLabelField,
      description: 'Its plural name in the API; when left out, the kind in lower case and an "s".',
    },
    podSpec: {
      type: 'string',
      minLength: 1,
      maxLength: 253,
      pattern: '^[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+)*$',
      errorMessage: 'must be keys joined by dots, such as "spec.template.spec"',
      description: 'Path of the pod spec, keys joined by dots.',
    },
  },
} as const;
