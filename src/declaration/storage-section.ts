import { dnsLabelField, urlField } from './schema.ts';

/** The object store, as the config describes it. */
export const storageSection = {
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
