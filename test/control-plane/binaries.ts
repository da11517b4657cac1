import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

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

interface Context {
  readonly environment: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
}

interface Component {
  readonly name: string;
  readonly package: string;
  readonly variable: string;
  readonly versionArguments: readonly string[];
}

interface Recipe {
  readonly version: string;
  readonly goVersion: string;
  readonly directory: string;
}

const COMPONENTS: readonly Component[] = [
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

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const VERSION_CHECK_LIMIT = 30 * SECOND;
const HEARTBEAT = 30 * SECOND;
const LOCK_POLL = SECOND / 2;
const LOCK_WAIT_LIMIT = 45 * MINUTE;
const GO_OUTPUT_LIMIT = 64 * 1024 * 1024;
const GO_OUTPUT_LINES_SHOWN = 20;

const execute = promisify(execFile);

/** A reason to go without a control plane, as opposed to a mistake in this file. */
class Unavailable extends Error {}

/**
 * Finds the programs of a Kubernetes control plane, or builds them with Go when nothing else
 * offers them, so that the tests talk to the real API server. What the environment names is used
 * or refused, never passed over in silence: tests that run against another version than the one
 * asked for would mislead. Every program returned has just answered to its version argument.
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
  return linkPrograms(named, complete ? undefined : await findBaseDirectory(context), context);
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
  base: string | undefined,
  context: Context,
): Promise<string> {
  const targets = COMPONENTS.map(({ name }) => named.get(name) ?? join(base ?? '', name));
  const directory = join(cacheRoot(context.environment), `linked-${shortHash(targets)}`);
  await mkdir(directory, { recursive: true });
  await Promise.all(
    COMPONENTS.map(({ name }, index) => link(targets[index] ?? '', join(directory, name))),
  );
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

async function findOrBuildCached(context: Context): Promise<string> {
  const recipe = await readRecipe(context.environment);
  if (await isProven(recipe.directory)) return recipe.directory;
  await requireGo(recipe, context);
  await mkdir(dirname(recipe.directory), { recursive: true });
  await withLock(`${recipe.directory}.lock`, context, async () => {
    // Whoever held the lock before may just have built it.
    if (!(await isProven(recipe.directory))) await build(recipe, context);
  });
  return recipe.directory;
}

async function readRecipe(environment: NodeJS.ProcessEnv): Promise<Recipe> {
  const [goMod = '', ...others] = await Promise.all(
    ['go.mod', 'go.sum', basename(import.meta.filename)].map((name) =>
      readFile(join(import.meta.dirname, name), 'utf8'),
    ),
  );
  // Home folders are shared between machines of different kinds; their programs are not.
  const key = shortHash([goMod, ...others, process.platform, process.arch]);
  return {
    version: matchOrThrow(goMod, /^\s*k8s\.io\/kubernetes (v\S+)/m),
    goVersion: matchOrThrow(goMod, /^go (\S+)/m),
    directory: join(cacheRoot(environment), key),
  };
}

async function requireGo(recipe: Recipe, context: Context): Promise<void> {
  try {
    await execute('go', ['version'], { env: goEnvironment(context), timeout: VERSION_CHECK_LIMIT });
  } catch (error) {
    const remedy =
      `install Go ${recipe.goVersion} or newer to have them built, or name a folder that has ` +
      'them in KUBEBUILDER_ASSETS';
    throw new Unavailable(
      hasCode(error, 'ENOENT')
        ? `no Kubernetes programs are cached and there is no \`go\` on the PATH: ${remedy}`
        : `no Kubernetes programs are cached and \`go version\` fails (${messageOf(error)}): ` +
            remedy,
    );
  }
}

async function build(recipe: Recipe, context: Context): Promise<void> {
  await sweepLeftovers(dirname(recipe.directory));
  const scratch = await mkdtemp(`${recipe.directory}.building-`);
  try {
    for (const [index, component] of COMPONENTS.entries()) {
      const label = `building ${component.name} (${index + 1} of ${COMPONENTS.length})`;
      await timed(label, context, () => compile(component, scratch, recipe, context));
    }
    await requireVersion(scratch, recipe);
    await publish(scratch, recipe.directory);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function compile(
  component: Component,
  scratch: string,
  recipe: Recipe,
  context: Context,
): Promise<void> {
  const output = join(scratch, component.name);
  const flags = ['-mod=readonly', '-buildvcs=false', '-trimpath', '-ldflags', linkerFlags(recipe)];
  try {
    await execute('go', ['build', ...flags, '-o', output, component.package], {
      cwd: import.meta.dirname,
      env: goEnvironment(context),
      maxBuffer: GO_OUTPUT_LIMIT,
    });
  } catch (error) {
    throw new Unavailable(
      `building ${component.package} ${recipe.version} failed; go said at the end:\n` +
        lastLines(outputOf(error), GO_OUTPUT_LINES_SHOWN),
    );
  }
}

/** Without these a program built from a module reports itself as v0.0.0. */
function linkerFlags({ version }: Recipe): string {
  const [major = '', minor = ''] = version.slice(1).split('.');
  const stamps = { gitVersion: version, gitMajor: major, gitMinor: minor };
  const settings = Object.entries(stamps).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  );
  return ['-s', '-w', ...settings].join(' ');
}

function goEnvironment({ environment }: Context): NodeJS.ProcessEnv {
  // The programs run here, whatever platform or workspace the developer's Go is set to.
  const platform = { GOOS: undefined, GOARCH: undefined };
  const settings = { GOTOOLCHAIN: 'local', GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0' };
  return { ...environment, ...platform, ...settings };
}

async function timed(label: string, context: Context, task: () => Promise<void>): Promise<void> {
  const start = Date.now();
  const tell = (): void =>
    context.report(`${label} …, ${Math.round((Date.now() - start) / SECOND)} s`);
  context.report(`${label} …`);
  const heartbeat = setInterval(tell, HEARTBEAT);
  try {
    await task();
  } finally {
    clearInterval(heartbeat);
  }
  tell();
}

async function requireVersion(directory: string, recipe: Recipe): Promise<void> {
  const built = await proveDirectory(directory);
  if (built !== recipe.version) {
    throw new Unavailable(`kube-apiserver was built as ${recipe.version} but says it is ${built}`);
  }
}

/** Other processes see the whole folder or none of it, because a rename is a single step. */
async function publish(scratch: string, directory: string): Promise<void> {
  // A folder that is there has failed its check, or nothing would have been built.
  await rm(directory, { recursive: true, force: true });
  try {
    await rename(scratch, directory);
  } catch (error) {
    // Someone who shares the cache but not the lock's process ids was faster: theirs will do.
    if (!hasCode(error, 'EEXIST') && !hasCode(error, 'ENOTEMPTY')) throw error;
  }
}

/** A build that was killed leaves its folder behind; a day is longer than any build lasts. */
async function sweepLeftovers(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.includes('.building-')) continue;
    const path = join(root, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > DAY) await rm(path, { recursive: true, force: true });
  }
}

async function isProven(directory: string): Promise<boolean> {
  try {
    await proveDirectory(directory);
    return true;
  } catch (error) {
    if (error instanceof Unavailable) return false;
    throw error;
  }
}

/** Runs each program that is not `named` elsewhere, and answers with kube-apiserver's version. */
async function proveDirectory(
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

async function askVersion({ versionArguments }: Component, path: string): Promise<string> {
  const command = [path, ...versionArguments].join(' ');
  let answer: string;
  try {
    ({ stdout: answer } = await execute(path, [...versionArguments], {
      timeout: VERSION_CHECK_LIMIT,
    }));
  } catch (error) {
    throw new Unavailable(`\`${command}\` does not run: ${messageOf(error)}`);
  }
  const version = /\bv?(\d+\.\d+\.\d+\S*)/.exec(answer)?.[1];
  if (version === undefined) throw new Unavailable(`\`${command}\` tells no version`);
  return `v${version}`;
}

/**
 * Keeps two test runs from building the same thing at once. That only saves work: what a build
 * leaves behind appears in one step, so even two that slip past the lock do no harm.
 */
async function withLock(lock: string, context: Context, task: () => Promise<void>): Promise<void> {
  await acquire(lock, context);
  try {
    await task();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function acquire(lock: string, context: Context): Promise<void> {
  const deadline = Date.now() + LOCK_WAIT_LIMIT;
  for (let told = false; !(await tryLock(lock));) {
    const owner = await readOwner(lock);
    if (owner === undefined) continue;
    if (!isAlive(owner)) {
      context.report(`process ${owner} left ${lock} behind when it ended; taking it over`);
      await rm(lock, { recursive: true, force: true });
      continue;
    }
    if (Date.now() > deadline) throw new Unavailable(`process ${owner} still holds ${lock}`);
    if (!told) context.report(`waiting for process ${owner}, which builds the control plane …`);
    told = true;
    await delay(LOCK_POLL);
  }
}

/** The lock appears with its owner's id inside, so nobody can find one that belongs to no one. */
async function tryLock(lock: string): Promise<boolean> {
  const draft = `${lock}-${randomUUID()}`;
  await mkdir(draft);
  try {
    await writeFile(join(draft, 'pid'), String(process.pid));
    await rename(draft, lock);
    return true;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (hasCode(error, 'EEXIST') || hasCode(error, 'ENOTEMPTY')) return false;
    throw error;
  }
}

async function readOwner(lock: string): Promise<number | undefined> {
  try {
    return Number(await readFile(join(lock, 'pid'), 'utf8'));
  } catch (error) {
    // Released since we looked.
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user answers EPERM: it is there.
    return !hasCode(error, 'ESRCH');
  }
}

function cacheRoot(environment: NodeJS.ProcessEnv): string {
  const base = environment['XDG_CACHE_HOME'] || join(environment['HOME'] || homedir(), '.cache');
  return resolve(base, 'bucketwarden', 'control-plane');
}

function shortHash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

function matchOrThrow(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`go.mod has no line that matches ${String(pattern)}`);
  return found;
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** All that a failed command printed; its exit alone would not tell a person what to do. */
function outputOf(error: unknown): string {
  const { stderr } = error as { stderr?: string };
  return stderr || messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
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
