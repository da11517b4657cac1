import type { TestProject } from 'vitest/node';
import { ControlPlaneUnavailable, startControlPlane } from '../control-plane/control-plane.ts';
import { installCrd } from './install-crd.ts';

/** What the tests are told: where the cluster is, or why there is none. */
export type ProvidedCluster =
  | {
      readonly kind: 'ready';
      readonly kubeconfig: string;
      readonly kubectl: string;
      readonly server: string;
      readonly version: string;
    }
  | { readonly kind: 'unavailable'; readonly reason: string };

declare module 'vitest' {
  interface ProvidedContext {
    cluster: ProvidedCluster;
  }
}

/** Starts one control plane for all files and installs our CRD in it. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  try {
    const controlPlane = await startControlPlane();
    const { kubeconfigPath, kubectlPath, server, version } = controlPlane;
    const stop = (): Promise<void> => controlPlane.stop();
    try {
      await installCrd(kubeconfigPath);
    } catch (error) {
      await stop();
      throw error;
    }
    provide('cluster', {
      kind: 'ready',
      kubeconfig: kubeconfigPath,
      kubectl: kubectlPath,
      server,
      version,
    });
    return stop;
  } catch (error) {
    if (!(error instanceof ControlPlaneUnavailable)) throw error;
    const sentence = `the tests in test/cluster are skipped: ${error.message}`;
    if (process.env['CI'] === 'true') throw new Error(`${sentence} (not allowed when CI=true)`);
    process.stderr.write(`\n!!! ${sentence}\n\n`);
    provide('cluster', { kind: 'unavailable', reason: error.message });
    return () => Promise.resolve();
  }
}
