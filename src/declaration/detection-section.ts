import { actionsField, podTemplateField } from './schema.ts';

/** How bucket names are recognised, as the config describes it. */
export const detectionSection = {
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
      description: 'Variables that hold a bucket name; a leading "*" matches any beginning.',
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
        'What happens when a bucket name is not known in advance (from a Secret, a ConfigMap or a variable).',
    },
    templates: {
      type: 'array',
      maxItems: 32,
      'x-kubernetes-list-type': 'atomic',
      default: [],
      description: 'Custom kinds that contain a pod spec.',
      items: podTemplateField,
    },
  },
} as const;
