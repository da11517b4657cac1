import { describe, inject } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { connectCluster } from '../../src/kube/connect.ts';
import type { Cluster } from '../../src/kube/cluster.ts';
import type { ProvidedCluster } from './global-setup.ts';

/** A suite that needs the control plane; skipped, with the reason printed by global-setup, without. */
export function describeOnCluster(
  title: string,
  suite: (cluster: Extract<ProvidedCluster, { kind: 'ready' }>) => void,
): void {
  const provided = inject('cluster');
  if (provided.kind === 'ready')
    describe(title, () => {
      suite(provided);
    });
  else describe.skip(`${title} (${provided.reason})`, () => undefined);
}

export const tenantsPath = '/apis/bucketwarden.io/v1alpha1/storagetenants';

/** Longer than any answer takes on a busy machine. */
const requestMilliseconds = 120_000;

/** The administrator's way to make and remove objects. */
export async function administrator(kubeconfig: string): Promise<Administrator> {
  const cluster = await connectCluster(kubeconfig, { requestMilliseconds });
  return {
    cluster,
    create: (path, body) => cluster.ask({ method: 'POST', path, body }),
    merge: (path, body) =>
      cluster.ask({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' }),
    remove: async (path) => {
      await cluster.ask({ method: 'DELETE', path });
    },
    tenant: (name, spec) =>
      cluster.ask({ method: 'POST', path: tenantsPath, body: tenantObject(name, spec) }),
    async removeAllTenants() {
      await cluster.ask({ method: 'DELETE', path: tenantsPath });
    },
  };
}

export interface Administrator {
  readonly cluster: Cluster;
  readonly create: (path: string, body: unknown) => Promise<JsonRecord>;
  readonly merge: (path: string, body: unknown) => Promise<JsonRecord>;
  readonly remove: (path: string) => Promise<void>;
  readonly tenant: (name: string, spec: JsonRecord) => Promise<JsonRecord>;
  readonly removeAllTenants: () => Promise<void>;
}

/** A StorageTenant as users write it. */
export function tenantObject(name: string, spec: JsonRecord): JsonRecord {
  return {
    apiVersion: 'bucketwarden.io/v1alpha1',
    kind: 'StorageTenant',
    metadata: { name },
    spec,
  };
}
