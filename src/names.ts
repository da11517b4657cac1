/**
 * The contract with users on one page: the names that appear in their objects and manifests. Changing
 * one of these breaks somebody. Fields of the declarations are in their schemas, names of metrics in
 * telemetry/metrics.ts.
 */

export const apiGroup = 'bucketwarden.io';
export const apiVersion = `${apiGroup}/v1alpha1`;

/** Annotations on Pods. `buckets` is the user's; the others are ours and nobody else may set them. */
export const annotations = {
  /** The user's own request: "payments-ledger:rw,analytics-reports" (no suffix means `ro`). */
  buckets: `${apiGroup}/buckets`,
  tenant: `${apiGroup}/tenant`,
  subject: `${apiGroup}/subject`,
  spiffeId: `${apiGroup}/spiffe-id`,
  grantedBuckets: `${apiGroup}/granted-buckets`,
  attestation: `${apiGroup}/attestation`,
} as const;

/** The annotations that make up an injected identity, in the order they are patched. */
export const identityAnnotations = [
  annotations.tenant,
  annotations.subject,
  annotations.spiffeId,
  annotations.attestation,
] as const;

/** Variables the injected identity consists of; a tenant's own `env` comes on top. */
export const environment = {
  s3Endpoint: 'AWS_ENDPOINT_URL_S3',
  stsEndpoint: 'AWS_ENDPOINT_URL_STS',
  region: 'AWS_REGION',
  defaultRegion: 'AWS_DEFAULT_REGION',
  roleArn: 'AWS_ROLE_ARN',
  tokenFile: 'AWS_WEB_IDENTITY_TOKEN_FILE',
  sessionName: 'AWS_ROLE_SESSION_NAME',
  caBundle: 'AWS_CA_BUNDLE',
  nodeExtraCaCerts: 'NODE_EXTRA_CA_CERTS',
  tenant: 'BUCKETWARDEN_TENANT',
} as const;

/** Set to true by a pod, this makes every SDK ignore the endpoints above and talk to real AWS. */
export const ignoreEndpointsVariable = 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS';

/** The projected volume: one name, one path, so that the user's own cannot pass for it. */
export const identityVolume = {
  name: 'bucketwarden-identity',
  mountPath: '/var/run/secrets/bucketwarden.io/identity',
  windowsMountPath: 'C:\\var\\run\\secrets\\bucketwarden.io\\identity',
  tokenFile: 'token',
  caFile: 'ca.crt',
} as const;

/** Names under which the webhooks are registered, and the paths that answer them. */
export const webhooks = {
  mutate: { name: `mutate.${apiGroup}`, path: '/mutate' },
  validate: { name: `validate.${apiGroup}`, path: '/validate' },
  validateInfrastructure: { name: `validate-infrastructure.${apiGroup}`, path: '/validate' },
  validateTenants: { name: `validate-tenants.${apiGroup}`, path: '/validate' },
} as const;

/** The entry for requests that the API server picks out (`only` of a rule's `match`). */
export function webhookOfSelection(name: string): {
  readonly name: string;
  readonly path: '/validate';
} {
  return { name: `validate-${name}.${apiGroup}`, path: '/validate' };
}

/** What `manifests/` calls the objects of an installation. */
export const installation = {
  /** Deployment, Service, ServiceAccount, Lease, roles and both webhook configurations. */
  name: 'bucketwarden',
  namespace: 'bucketwarden-system',
  /** On every object, so that one selector finds them all. */
  labels: { 'app.kubernetes.io/name': 'bucketwarden' },
  /** Of type kubernetes.io/tls: `tls.crt`, `tls.key`. */
  tlsSecret: 'bucketwarden-tls',
  signingKeysSecret: 'bucketwarden-signing-keys',
  signingKeysFile: 'signing-keys.json',
} as const;

export const jwksPath = '/.well-known/jwks.json';

/** `iss` of every attestation. */
export const attestationIssuer = apiGroup;
