import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

import { withLock } from './lock.ts';
import {
  ANSWER_LIMIT,
  COMPONENTS,
  execute,
  hasCode,
  isProven,
  messageOf,
  proveDirectory,
  Unavailable,
  type Component,
  type Context,
} from './programs.ts';

interface Recipe {
  readonly version: string;
  readonly goVersion: string;
  readonly directory: string;
}

interface Build {
  readonly recipe: Recipe;
  readonly scratch: string;
  readonly context: Context;
}

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;
const HEARTBEAT = 30 * SECOND;
const GO_OUTPUT_LIMIT = 64 * 1024 * 1024;
const GO_OUTPUT_LINES_SHOWN = 20;
/** What decides how the programs come out: another content of these is another cache folder. */
const INGREDIENTS = ['go.mod', 'go.sum', 'programs.ts', basename(import.meta.filename)];

/** The cache folder for the pinned versions; builds them into it if they are not there. */
export async function findOrBuildCached(context: Context): Promise<string> {
  const recipe = await readRecipe(context.environment);
  if (await isProven(recipe.directory)) return recipe.directory;
  await requireGo(recipe, context);
  await mkdir(dirname(recipe.directory), { recursive: true });
  await withLock(`${recipe.directory}.lock`, context, async () => {
    // Whoever held the lock before may just have built it.
    if (!(await isProven(recipe.directory))) await buildAll(recipe, context);
  });
  return recipe.directory;
}

/** The folder of this user that everything cached here goes to. */
export function cacheRoot(environment: NodeJS.ProcessEnv): string {
  const base = environment['XDG_CACHE_HOME'] || join(environment['HOME'] || homedir(), '.cache');
  return resolve(base, 'bucketwarden', 'control-plane');
}

/** A name for a folder that depends on all of the parts. */
export function shortHash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

async function readRecipe(environment: NodeJS.ProcessEnv): Promise<Recipe> {
  const [goMod = '', ...others] = await Promise.all(
    INGREDIENTS.map((name) => readFile(join(import.meta.dirname, name), 'utf8')),
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
    await execute('go', ['version'], { env: goEnvironment(context), timeout: ANSWER_LIMIT });
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

async function buildAll(recipe: Recipe, context: Context): Promise<void> {
  await sweepLeftovers(dirname(recipe.directory));
  const scratch = await mkdtemp(`${recipe.directory}.building-`);
  try {
    for (const [index, component] of COMPONENTS.entries()) {
      const label = `building ${component.name} (${index + 1} of ${COMPONENTS.length})`;
      await timed(label, context, () => compile(component, { recipe, scratch, context }));
    }
    await requireVersion(scratch, recipe);
    await publish(scratch, recipe.directory);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function compile(component: Component, build: Build): Promise<void> {
  const { recipe, scratch, context } = build;
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
  const tell = (): void => {
    context.report(`${label} …, ${Math.round((Date.now() - start) / SECOND)} s`);
  };
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
    // Somebody who shares the cache but not the process ids in the lock was faster; theirs will do.
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

function matchOrThrow(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`go.mod has no line that matches ${String(pattern)}`);
  return found;
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** Everything a failed command printed: its exit code alone does not help anybody. */
function outputOf(error: unknown): string {
  const { stderr } = error as { stderr?: string };
  return stderr || messageOf(error);
}
