import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where the search for the programs looks, and where it reports its progress. */
export interface Context {
  readonly environment: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
}

/** One program of the control plane: what it is built from, and how to ask for its version. */
export interface Component {
  readonly name: string;
  readonly package: string;
  /** The environment variable that names a ready-made one. */
  readonly variable: string;
  readonly versionArguments: readonly string[];
}

/** A reason to go without a control plane, as opposed to a mistake in this code. */
export class Unavailable extends Error {}

/** Every program that a control plane consists of; kube-apiserver's version speaks for all. */
export const COMPONENTS: readonly Component[] = [
  {
    name: 'kube-apiserver',
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    variable: 'TEST_ASSET_KUBE_APISERVER',
    versionArguments: ['--version'],
  },
  {
    name: 'kube-controller-manager',
    package: 'k8s.io/kubernetes/cmd/kube-controller-manager',
    // The other three names are envtest's; it has none for this program, so this one follows suit.
    variable: 'TEST_ASSET_KUBE_CONTROLLER_MANAGER',
    versionArguments: ['--version'],
  },
  {
    name: 'kubectl',
    package: 'k8s.io/kubernetes/cmd/kubectl',
    variable: 'TEST_ASSET_KUBECTL',
    versionArguments: ['version', '--client'],
  },
  {
    name: 'etcd',
    package: 'go.etcd.io/etcd/server/v3',
    variable: 'TEST_ASSET_ETCD',
    versionArguments: ['--version'],
  },
];

/** How long a program may take to print its version; reached only when something is broken. */
export const ANSWER_LIMIT = 10 * 60_000;

/** Runs a program to its end; rejects with what it printed when it fails. */
export const execute = promisify(execFile);

/** Whether a folder has all the programs, in working order. */
export async function isProven(directory: string): Promise<boolean> {
  try {
    await proveDirectory(directory);
    return true;
  } catch (error) {
    if (error instanceof Unavailable) return false;
    throw error;
  }
}

/** Runs each program that is not `named` elsewhere, and answers with kube-apiserver's version. */
export async function proveDirectory(
  directory: string,
  named: ReadonlyMap<string, string> = new Map(),
): Promise<string> {
  const [version = ''] = await Promise.all(
    COMPONENTS.filter(({ name }) => !named.has(name)).map((component) =>
      askVersion(component, join(directory, component.name)),
    ),
  );
  return version;
}

/** Runs one program for its version: a file that is merely there proves nothing. */
export async function askVersion({ versionArguments }: Component, path: string): Promise<string> {
  const command = [path, ...versionArguments].join(' ');
  let answer: string;
  try {
    ({ stdout: answer } = await execute(path, [...versionArguments], {
      timeout: ANSWER_LIMIT,
    }));
  } catch (error) {
    throw new Unavailable(`\`${command}\` does not run: ${messageOf(error)}`);
  }
  const version = /\bv?(\d+\.\d+\.\d+\S*)/.exec(answer)?.[1];
  if (version === undefined) throw new Unavailable(`\`${command}\` prints no version`);
  return `v${version}`;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether a system call or a program failed with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
