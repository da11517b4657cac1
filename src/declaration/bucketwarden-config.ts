import type { FromSchema } from 'json-schema-to-ts';
import { apiVersion } from '../names.ts';
import {
  actionsField,
  cidrField,
  dnsLabelField,
  hostField,
  hostPatternField,
  podTemplateField,
  ruleActionsField,
  urlField,
} from './schema.ts';

/** BucketwardenConfig: the one definition that its schema, defaults and type come from. */

const storage = {
  type: 'object',
  additionalProperties: false,
  default: {},
  description: 'The object store.',
  properties: {
    endpoints: {
      type: 'array',
      minItems: 1,
      maxItems: 32,
      default: ['https://minio.storage.svc.cluster.local:9000'],
      'x-kubernetes-list-type': 'set',
      description: 'All names and addresses of the store; the first one is injected into pods.',
      items: urlField,
    },
    namespace: { ...dnsLabelField, default: 'storage', description: 'Where the store runs.' },
    region: {
      type: 'string',
      minLength: 1,
      maxLength: 64,
      default: 'us-east-1',
      description: "The SDKs' signing region.",
    },
    ca: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description:
        'A private CA of the store, mounted from a ConfigMap in the namespace of the pod.',
      properties: {
        configMap: {
          type: 'string',
          maxLength: 253,
          default: '',
          description: 'Name of the ConfigMap; "" = the store has a public certificate.',
        },
        key: {
          type: 'string',
          minLength: 1,
          maxLength: 253,
          default: 'ca.crt',
          description: 'Its key.',
        },
      },
    },
    sts: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'Where pods exchange their token for credentials.',
      properties: {
        endpoint: {
          type: 'string',
          maxLength: 512,
          pattern: '^(https?://[^/?#@\\s]+(/[^?#\\s]*)?)?$',
          errorMessage: 'must be "" or an http(s) URL without user, query or fragment',
          default: '',
          description: '"" = the first storage endpoint.',
        },
        audience: {
          type: 'string',
          minLength: 1,
          maxLength: 253,
          default: 'minio',
          description: "The injected token's audience: the store's OpenID client id.",
        },
        roleArn: {
          type: 'string',
          maxLength: 512,
          default: '',
          description: '"" = computed from audience and roleRegion, as MinIO does.',
        },
        roleRegion: {
          type: 'string',
          maxLength: 64,
          default: '',
          description: "MinIO's own region setting, normally empty.",
        },
        expirationSeconds: {
          type: 'integer',
          minimum: 900,
          maximum: 86400,
          default: 7200,
          description:
            'Lifetime of the token and of the session, in seconds. Below 4500, boto3 asks STS for new ' +
            'credentials before every request once a token has less than 15 minutes left.',
        },
      },
    },
  },
} as const;

const mesh = {
  type: 'object',
  additionalProperties: false,
  default: {},
  description: 'The Istio mesh.',
  properties: {
    rootNamespace: { ...dnsLabelField, default: 'istio-system', description: 'Where istiod runs.' },
    gatewayNamespaces: {
      type: 'array',
      maxItems: 64,
      'x-kubernetes-list-type': 'set',
      default: [],
      description:
        "Where shared ingress gateways run, besides rootNamespace: a tenant's VirtualService for its " +
        'ingress hosts may be exported there.',
      items: dnsLabelField,
    },
    trustDomain: {
      type: 'string',
      minLength: 1,
      maxLength: 253,
      default: 'cluster.local',
      description: 'First part of every SPIFFE ID.',
    },
    clusterDomain: {
      ...hostField,
      default: 'cluster.local',
      description: 'DNS domain of the cluster.',
    },
    proxyImages: {
      type: 'array',
      minItems: 1,
      maxItems: 32,
      default: [
        'docker.io/istio/proxyv2',
        'gcr.io/istio-release/proxyv2',
        'registry.istio.io/release/proxyv2',
      ],
      'x-kubernetes-list-type': 'set',
      description: 'Repositories of the sidecar image, without tag or digest.',
      items: { type: 'string', minLength: 1, maxLength: 512 },
    },
  },
} as const;

const detection = {
  type: 'object',
  additionalProperties: false,
  default: {},
  description: 'How bucket names are recognised in workloads.',
  properties: {
    env: {
      type: 'array',
      maxItems: 128,
      'x-kubernetes-list-type': 'set',
      default: [
        'S3_BUCKET',
        'S3_BUCKET_NAME',
        'AWS_S3_BUCKET',
        'AWS_S3_BUCKET_NAME',
        'AWS_STORAGE_BUCKET_NAME',
        'BUCKET_NAME',
        'MINIO_BUCKET',
        'MINIO_BUCKET_NAME',
        '*_S3_BUCKET',
        '*_S3_BUCKET_NAME',
      ],
      description: 'Variables that hold a bucket name; a leading "*" stands for any beginning.',
      items: { type: 'string', minLength: 1, maxLength: 128, pattern: '^\\*?[A-Za-z0-9_]+$' },
    },
    flags: {
      type: 'array',
      maxItems: 64,
      'x-kubernetes-list-type': 'set',
      default: ['--bucket'],
      description: 'Command-line flags followed by a bucket name ("--bucket x", "--bucket=x").',
      items: { type: 'string', minLength: 2, maxLength: 64, pattern: '^-[A-Za-z0-9_.-]+$' },
    },
    schemes: {
      type: 'array',
      maxItems: 16,
      'x-kubernetes-list-type': 'set',
      default: ['s3', 's3a', 's3n'],
      description: 'URI schemes whose host is a bucket.',
      items: { type: 'string', minLength: 1, maxLength: 16, pattern: '^[a-z][a-z0-9+.-]*$' },
    },
    secretReferences: {
      ...actionsField,
      default: ['Warn'],
      description:
        'What happens when a bucket name cannot be known beforehand (Secret, ConfigMap, variable).',
    },
    templates: {
      type: 'array',
      maxItems: 32,
      'x-kubernetes-list-type': 'atomic',
      default: [],
      description: 'Custom kinds that carry a pod spec.',
      items: podTemplateField,
    },
  },
} as const;

export const bucketwardenConfigSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'BucketwardenConfig',
  description: 'Cluster-wide settings of Bucketwarden, reloaded when the file changes.',
  type: 'object',
  required: ['apiVersion', 'kind'],
  additionalProperties: false,
  properties: {
    apiVersion: { type: 'string', enum: [apiVersion] },
    kind: { type: 'string', enum: ['BucketwardenConfig'] },
    metadata: { type: 'object', description: 'Ignored.' },
    storage,
    mesh,
    protected: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'Names and addresses nobody may reach or stand in for.',
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
          description: 'Address ranges; add the pod, service and node ranges of the cluster.',
          items: cidrField,
        },
      },
    },
    detection,
    rules: {
      ...ruleActionsField,
      default: {},
      description: 'Actions by rule id, for the cluster.',
    },
    exemptNamespaces: {
      type: 'array',
      maxItems: 64,
      'x-kubernetes-list-type': 'set',
      default: ['kube-system', 'bucketwarden-system'],
      description: 'Never judged.',
      items: dnsLabelField,
    },
    infrastructureNamespaces: {
      type: 'array',
      maxItems: 64,
      'x-kubernetes-list-type': 'set',
      default: [],
      description: 'Judged, but never blocked while the webhook is down: CNI, CSI, DNS.',
      items: dnsLabelField,
    },
    untenanted: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'What is denied outside tenants.',
      properties: {
        buckets: {
          type: 'string',
          enum: ['Managed', 'All', 'None'],
          default: 'Managed',
          description: 'Buckets of any tenant, every bucket, or none.',
        },
        hosts: {
          type: 'string',
          enum: ['Protected', 'All', 'None'],
          default: 'Protected',
          description:
            "Protected names, the store's, other tenants' ingress hosts and wildcards; every host; or none.",
        },
      },
    },
  },
} as const;

/** The file with all its defaults filled in. */
export type BucketwardenConfig = FromSchema<typeof bucketwardenConfigSchema>;
