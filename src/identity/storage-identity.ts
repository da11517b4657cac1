import { createHash } from 'node:crypto';
import { patternText } from '../bucket/bucket-pattern.ts';
import type { BucketwardenConfig } from '../declaration/bucketwarden-config.ts';
import { annotations, environment } from '../names.ts';
import { isForAccount, type BucketGrant } from '../tenant/bucket-grant.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { configFingerprint } from './config-fingerprint.ts';
import {
  storePartsOf,
  type AcceptedEndpoints,
  type StoreParts,
  type Variable,
} from './store-parts.ts';
import { sessionNameOf, spiffeIdOf, subjectOf, type ServiceAccountRef } from './subject.ts';

/** Everything a pod of one account must carry, except the attestation that is signed over it. */
export interface StorageIdentity {
  readonly annotations: Readonly<Record<string, string>>;
  readonly variables: readonly Variable[];
  readonly volume: object;
  readonly mount: object;
  readonly endpoints: AcceptedEndpoints;
  readonly claims: AttestationClaims;
}

/** What an attestation states: who was admitted, and under which declaration, grants and config. */
export interface AttestationClaims {
  readonly tenant: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly generation: string;
  /** SHA-256 over the account's grants, base64url. */
  readonly grants: string;
  /** Fingerprint of what the config contributed; "" in attestations from before it was stated. */
  readonly config: string;
}

/** Builds the identity from the declaration alone: the same pod gets the same one on every replica. */
export function buildStorageIdentity(
  tenant: Tenant,
  account: ServiceAccountRef,
  { config, isWindows }: { readonly config: BucketwardenConfig; readonly isWindows: boolean },
): StorageIdentity {
  const store = storePartsOf(config, isWindows);
  return {
    annotations: {
      [annotations.tenant]: tenant.name,
      [annotations.subject]: subjectOf(account),
      [annotations.spiffeId]: spiffeIdOf(account, config.mesh.trustDomain),
    },
    variables: variablesOf(tenant, account, store),
    volume: store.volume,
    mount: store.mount,
    endpoints: store.endpoints,
    claims: {
      tenant: tenant.name,
      namespace: account.namespace,
      serviceAccount: account.name,
      generation: tenant.generation,
      grants: hashGrants(tenant.grants.filter((grant) => isForAccount(grant, account.name))),
      config: configFingerprint(config),
    },
  };
}

function variablesOf(
  tenant: Tenant,
  account: ServiceAccountRef,
  { variables, trust }: StoreParts,
): readonly Variable[] {
  const sessionName = { name: environment.sessionName, value: sessionNameOf(account) };
  const tenantName = { name: environment.tenant, value: tenant.name };
  return [
    ...variables,
    Object.freeze(sessionName),
    Object.freeze(tenantName),
    ...trust,
    ...tenant.env,
  ];
}

function hashGrants(grants: readonly BucketGrant[]): string {
  const lines = grants.map(({ pattern, access, prefixes }) =>
    JSON.stringify([patternText(pattern), access, prefixes]),
  );
  return createHash('sha256').update(lines.sort().join('\n')).digest('base64url');
}
