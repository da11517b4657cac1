import { createHash } from 'node:crypto';
import { patternText } from '../bucket/bucket-pattern.ts';
import type { BucketwardenConfig } from '../config.ts';
import { annotations, environment, identityVolume } from '../names.ts';
import { isForAccount, type BucketGrant } from '../tenant/bucket-grant.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { buildIdentityMount, buildIdentityVolume, identityFile } from './identity-volume.ts';
import { minioRoleArn } from './role-arn.ts';
import { sessionNameOf, spiffeIdOf, subjectOf, type ServiceAccountRef } from './subject.ts';

/** One variable as a container carries it. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** Everything a pod of one account must carry, except the attestation that is signed over it. */
export interface StorageIdentity {
  readonly annotations: Readonly<Record<string, string>>;
  readonly variables: readonly Variable[];
  readonly volume: object;
  readonly mount: object;
  readonly claims: AttestationClaims;
}

/** What an attestation states: who was admitted, under which declaration and grants. */
export interface AttestationClaims {
  readonly tenant: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly generation: string;
  /** SHA-256 over the account's grants, base64url. */
  readonly grants: string;
}

/** Builds the identity from the declaration alone: the same pod gets the same one on every replica. */
export function buildStorageIdentity(
  tenant: Tenant,
  account: ServiceAccountRef,
  { config, isWindows }: { readonly config: BucketwardenConfig; readonly isWindows: boolean },
): StorageIdentity {
  return {
    annotations: {
      [annotations.tenant]: tenant.name,
      [annotations.subject]: subjectOf(account),
      [annotations.spiffeId]: spiffeIdOf(account, config.mesh.trustDomain),
    },
    variables: buildVariables(tenant, account, { config, isWindows }),
    volume: buildIdentityVolume(config.storage),
    mount: buildIdentityMount(isWindows),
    claims: {
      tenant: tenant.name,
      namespace: account.namespace,
      serviceAccount: account.name,
      generation: tenant.generation,
      grants: hashGrants(tenant.grants.filter((grant) => isForAccount(grant, account.name))),
    },
  };
}

function buildVariables(
  tenant: Tenant,
  account: ServiceAccountRef,
  { config, isWindows }: { readonly config: BucketwardenConfig; readonly isWindows: boolean },
): readonly Variable[] {
  const { endpoints, region, sts, ca } = config.storage;
  const [endpoint = ''] = endpoints;
  const roleArn = sts.roleArn || minioRoleArn({ audience: sts.audience, region: sts.roleRegion });
  const caFile = identityFile(identityVolume.caFile, isWindows);
  const trust = ca.configMap === '' ? [] : [environment.caBundle, environment.nodeExtraCaCerts];
  return [
    { name: environment.s3Endpoint, value: endpoint },
    { name: environment.stsEndpoint, value: sts.endpoint || endpoint },
    { name: environment.region, value: region },
    { name: environment.defaultRegion, value: region },
    { name: environment.roleArn, value: roleArn },
    { name: environment.tokenFile, value: identityFile(identityVolume.tokenFile, isWindows) },
    { name: environment.sessionName, value: sessionNameOf(account) },
    { name: environment.tenant, value: tenant.name },
    ...trust.map((name) => ({ name, value: caFile })),
    ...tenant.env,
  ].map(freezeVariable);
}

/** Every container of every pod of the account gets this very object; see `renderPatch`. */
function freezeVariable({ name, value }: Variable): Variable {
  return Object.freeze({ name, value });
}

function hashGrants(grants: readonly BucketGrant[]): string {
  const lines = grants.map(({ pattern, access, prefixes }) =>
    JSON.stringify([patternText(pattern), access, prefixes]),
  );
  return createHash('sha256').update(lines.sort().join('\n')).digest('base64url');
}
