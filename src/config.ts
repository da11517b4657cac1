import type { FromSchema } from 'json-schema-to-ts';
import {
  actionsField,
  cidrField,
  dnsLabelField,
  hostField,
  hostPatternField,
  ruleActionsField,
  urlField,
} from './declaration/schema.ts';

/** Every default and limit. BucketwardenConfig: its schema, decoder and type come from here. */

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
          default: 3600,
          description: 'Lifetime of the token and of the session, in seconds.',
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
      description: 'What happens when a bucket name may hide in a Secret or ConfigMap.',
    },
    templates: {
      type: 'array',
      maxItems: 32,
      'x-kubernetes-list-type': 'atomic',
      default: [],
      description: 'Custom kinds that carry a pod spec.',
      items: {
        type: 'object',
        required: ['apiVersion', 'kind', 'podSpec'],
        additionalProperties: false,
        properties: {
          apiVersion: {
            type: 'string',
            minLength: 1,
            maxLength: 253,
            description: 'Group and version.',
          },
          kind: { type: 'string', minLength: 1, maxLength: 63, description: 'Kind.' },
          podSpec: {
            type: 'string',
            minLength: 1,
            maxLength: 253,
            pattern: '^[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+)*$',
            description: 'Path of the pod spec, keys joined by dots.',
          },
        },
      },
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
    apiVersion: { type: 'string', enum: ['bucketwarden.io/v1alpha1'] },
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

/** What the code relies on beyond the file. Origins stand beside the numbers. */
export const limits = {
  /** object + oldObject at etcd's 1.5 MiB each, as YAML-escaped JSON (controller-runtime: 7 MiB). */
  maxBodyBytes: 7 * 1024 * 1024,
  /** The API server's default timeoutSeconds when `?timeout=` is absent. */
  defaultDeadlineMilliseconds: 10_000,
  /** Answer before the API server hangs up. */
  deadlineMarginMilliseconds: 200,
  /** Node's own default is 5 min; a request is a few kB from a server next door. */
  requestTimeoutMilliseconds: 15_000,
  headersTimeoutMilliseconds: 5_000,
  /** kube-apiserver keeps idle connections for 90 s (Go's DefaultTransport); outlive them. */
  keepAliveTimeoutMilliseconds: 120_000,
  /** Time for running requests on SIGTERM; below the pod's default grace period of 30 s. */
  drainMilliseconds: 20_000,
  maxConnections: 4_096,
  /** Violations spelt out in one message; the rest is counted. */
  maxReportedViolations: 10,
  /** Items of a list of grants in one message. */
  maxListedGrants: 10,
  /** etcd's limit on all annotations of an object is 256 KiB; ours stays small. */
  maxGrantedBucketsBytes: 4_096,
  /** Linux refuses longer arguments and variables (MAX_ARG_STRLEN), so no container ever has one. */
  maxArgumentCharacters: 128 * 1024,
  /** Text of one workload after expansion: twice what Linux takes per process (ARG_MAX, 2 MiB). */
  maxExpandedCharacters: 4 * 1024 * 1024,
  /** Places in one workload that name a bucket; real ones have a handful, and each is judged and logged. */
  maxBucketReferences: 1_000,
  /** Of the words on one violation; what users write is quoted in them. */
  maxReasonCharacters: 500,
  /** Objects nested deeper are refused: nothing in Kubernetes comes near. */
  maxDepth: 200,
  /** Signed identities kept in memory: one per account, generation and key. */
  maxCachedIdentities: 20_000,
  /** For how long the previous config or tenant generation is still accepted. */
  previousGenerationMilliseconds: 10 * 60 * 1000,
  /** How often watched files are looked at, on file systems without events (ConfigMap mounts). */
  reloadIntervalMilliseconds: 2_000,
  /** For how long an event, bookmark or list vouches for the absence of a claim (docs/how-it-works.md). */
  freshnessMilliseconds: 60_000,
  /** Life of one watch: half of the above, so that its end, or a list in its place, comes in time. */
  watchSeconds: 30,
  /** A watch that lives on after its end plus this much has lost its server. */
  watchGraceMilliseconds: 5_000,
  /** One list, read or write, and the head of a watch's answer. */
  clusterRequestMilliseconds: 10_000,
  /** Objects are at most 1.5 MiB in etcd, and somewhat larger as JSON. */
  maxWatchLineBytes: 8 * 1024 * 1024,
  /** Objects per page of a list: client-go's default. */
  listPageSize: 500,
  /** First and longest pause between attempts to reach the API server. */
  minBackoffMilliseconds: 500,
  maxBackoffMilliseconds: 15_000,
  /** Changes that follow each other this closely make one new state; a pod waits at most this long. */
  coalesceMilliseconds: 50,
  /** client-go's leader election: duration of the lease, and how often its holder renews it. */
  leaseSeconds: 15,
  leaseRetryMilliseconds: 5_000,
} as const;

export const serverDefaults = { port: 8443, metricsPort: 9090 } as const;
