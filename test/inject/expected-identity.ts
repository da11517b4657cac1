import type { JsonRecord } from '../../src/admission/json.ts';
import { recordAt } from '../builders.ts';

/** What MinIO computes for audience "minio". */
export const roleArn = 'arn:minio:iam:::role/MHR2BeH2-q1dHO2yx5U9Mf-tP9Q';

/** What each container gets in the default config, in order. */
export const variables = [
  { name: 'AWS_ENDPOINT_URL_S3', value: 'https://minio.storage.svc.cluster.local:9000' },
  { name: 'AWS_ENDPOINT_URL_STS', value: 'https://minio.storage.svc.cluster.local:9000' },
  { name: 'AWS_REGION', value: 'us-east-1' },
  { name: 'AWS_DEFAULT_REGION', value: 'us-east-1' },
  { name: 'AWS_ROLE_ARN', value: roleArn },
  { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/var/run/secrets/bucketwarden.io/identity/token' },
  { name: 'AWS_ROLE_SESSION_NAME', value: 'payments.ledger-writer' },
  { name: 'BUCKETWARDEN_TENANT', value: 'payments' },
];
/** What each container's volumeMounts get. */
export const mount = {
  mountPath: '/var/run/secrets/bucketwarden.io/identity',
  name: 'bucketwarden-identity',
  readOnly: true,
};
/** What the pod's volumes get. */
export const volume = {
  name: 'bucketwarden-identity',
  projected: {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { audience: 'minio', expirationSeconds: 7200, path: 'token' } },
    ],
  },
};

/** Annotations of a pod that has some. */
export function annotationsOf(object: unknown): JsonRecord {
  return recordAt(object, 'metadata', 'annotations');
}
