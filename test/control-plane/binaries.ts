import { mkdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { cacheRoot, findOrBuildCached, shortHash } from './build.ts';
import {
  askVersion,
  COMPONENTS,
  hasCode,
  messageOf,
  proveDirectory,
  Unavailable,
  type Component,
  type Context,
} from './programs.ts';

/** What a caller may set; everything has a default that suits a test run. */
export interface EnsureOptions {
  /** The variables to read instead of this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Takes each progress line; by default they go to stderr. */
  readonly report?: (line: string) => void;
}

/** A folder that holds working kube-apiserver, etcd, kube-controller-manager and kubectl. */
export interface ReadyBinaries {
  readonly kind: 'ready';
  readonly directory: string;
  /** The version of kube-apiserver, for example `v1.36.3`. */
  readonly version: string;
}

/** There is no control plane to run on this machine, and why, for a person to read. */
export interface UnavailableBinaries {
  readonly kind: 'unavailable';
  readonly reason: string;
}

/** What {@link ensureControlPlane} answers. */
export type ControlPlaneBinaries = ReadyBinaries | UnavailableBinaries;

/**
 * Finds the programs of a Kubernetes control plane, or builds them with Go when nothing else
 * offers them, so that the tests talk to the real API server. What the environment names is used
 * or refused, never silently ignored: tests that run against another version than the requested
 * one would mislead. Every program returned has just answered to its version argument.
 */
export async function ensureControlPlane(
  options: EnsureOptions = {},
): Promise<ControlPlaneBinaries> {
  const context: Context = {
    environment: options.environment ?? process.env,
    report: options.report ?? ((line) => process.stderr.write(`${line}\n`)),
  };
  try {
    const directory = await findDirectory(context);
    return { kind: 'ready', directory, version: await proveDirectory(directory) };
  } catch (error) {
    if (error instanceof Unavailable || isSystemError(error)) {
      return { kind: 'unavailable', reason: error.message };
    }
    throw error;
  }
}

async function findDirectory(context: Context): Promise<string> {
  const named = namedPrograms(context.environment);
  if (named.size === 0) return findBaseDirectory(context);
  await Promise.all(COMPONENTS.map((component) => proveNamed(component, named)));
  // Only what is not named needs a folder, so naming all four never starts a build.
  const complete = named.size === COMPONENTS.length;
  return linkPrograms(named, complete ? '' : await findBaseDirectory(context), context);
}

async function findBaseDirectory(context: Context): Promise<string> {
  const assets = context.environment['KUBEBUILDER_ASSETS'];
  if (!assets) return findOrBuildCached(context);
  const directory = resolve(assets);
  try {
    await proveDirectory(directory, namedPrograms(context.environment));
  } catch (error) {
    throw new Unavailable(
      `KUBEBUILDER_ASSETS is set to ${assets}, but ${messageOf(error)}. Unset it to have the ` +
        'programs built; a folder made by setup-envtest lacks kube-controller-manager.',
    );
  }
  return directory;
}

function namedPrograms(environment: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  for (const { name, variable } of COMPONENTS) {
    const path = environment[variable];
    if (path) named.set(name, resolve(path));
  }
  return named;
}

async function proveNamed(component: Component, named: ReadonlyMap<string, string>): Promise<void> {
  const path = named.get(component.name);
  if (path === undefined) return;
  try {
    await askVersion(component, path);
  } catch (error) {
    throw new Unavailable(`${component.variable} is set, but ${messageOf(error)}`);
  }
}

/** The programs may be named in different folders; callers get one folder that leads to all. */
async function linkPrograms(
  named: ReadonlyMap<string, string>,
  base: string,
  context: Context,
): Promise<string> {
  const links = COMPONENTS.map(({ name }) => ({
    name,
    target: named.get(name) ?? join(base, name),
  }));
  const key = shortHash(links.map(({ target }) => target));
  const directory = join(cacheRoot(context.environment), `linked-${key}`);
  await mkdir(directory, { recursive: true });
  await Promise.all(links.map(({ name, target }) => link(target, join(directory, name))));
  return directory;
}

async function link(target: string, path: string): Promise<void> {
  try {
    await symlink(target, path);
  } catch (error) {
    // The folder's name is made from the targets: a link that is there leads to the same place.
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

if (import.meta.main) {
  const binaries = await ensureControlPlane();
  if (binaries.kind === 'ready') {
    process.stdout.write(`${binaries.directory}\n`);
  } else {
    process.stderr.write(`${binaries.reason}\n`);
    process.exitCode = 2;
  }
}
