import { createHash } from 'node:crypto';

/**
 * The ARN MinIO gives the role policy of an OpenID provider: `arn:minio:iam:<region>::role/<id>`, where
 * id is base64url without padding of the SHA-1 of the client id (minio/minio
 * internal/config/identity/openid/openid.go). The client id is the audience of our tokens.
 */
export function minioRoleArn({ audience, region }: { audience: string; region: string }): string {
  const id = createHash('sha1').update(audience).digest('base64url');
  return `arn:minio:iam:${region}::role/${id}`;
}
