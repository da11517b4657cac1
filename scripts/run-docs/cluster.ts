import { symlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import {
  ControlPlaneUnavailable,
  startControlPlane,
  type ControlPlane,
} from '../../test/control-plane/control-plane.ts';
import { startNode } from './node.ts';

/** The cluster that a page is followed on, or why there is none. */
export interface PageCluster {
  readonly unavailable?: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Puts its kubectl into a folder of programs. */
  link(programs: string): void;
  /** The last lines of the webhook's log. */
  said(): string;
  stop(): Promise<void>;
}

/**
 * A real control plane and, in place of a kubelet, something that runs the pods of our Deployment. With
 * CI=true there must be one.
 */
export async function startCluster(checkout: string): Promise<PageCluster> {
  const address = ownAddress();
  try {
    if (address === undefined) throw new ControlPlaneUnavailable('this machine has no network');
    return await clusterAt(address, checkout);
  } catch (error) {
    if (!(error instanceof ControlPlaneUnavailable) || process.env['CI'] === 'true') throw error;
    return {
      unavailable: `needs a control plane: ${error.message}`,
      variables: { KUBECONFIG: '/dev/null/no-cluster' },
      link: () => undefined,
      said: () => '',
      stop: () => Promise.resolve(),
    };
  }
}

async function clusterAt(address: string, checkout: string): Promise<PageCluster> {
  // A cluster's network leads from the API server to a Service. Here it looks up the pods' addresses itself.
  const apiServerFlags = { 'enable-aggregator-routing': 'true' };
  const controlPlane: ControlPlane = await startControlPlane({ apiServerFlags });
  const node = await startNode(controlPlane, { address, checkout });
  return {
    variables: { KUBECONFIG: controlPlane.kubeconfigPath },
    link: (programs) => {
      symlinkSync(controlPlane.kubectlPath, join(programs, 'kubectl'));
    },
    said: () => node.said(),
    stop: async () => {
      await node.stop();
      await controlPlane.stop();
    },
  };
}

/** Pods may have no loopback address. */
function ownAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flat()
    .find((face) => face !== undefined && face.family === 'IPv4' && !face.internal)?.address;
}
