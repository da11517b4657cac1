import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { connectCluster } from '../../src/kube/connect.ts';
import { eventually } from '../eventually.ts';
import { tenantsPath } from './cluster.ts';

/** Installs the CRD of StorageTenant; resolves when objects of it can be made. */
export async function installCrd(kubeconfig: string): Promise<void> {
  const cluster = await connectCluster(kubeconfig);
  const file = new URL('../../manifests/base/crd-storagetenants.yaml', import.meta.url);
  await cluster.ask({
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    body: parse(readFileSync(file, 'utf8')),
  });
  await eventually(() => cluster.ask({ path: tenantsPath }));
}
