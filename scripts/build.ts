import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

/**
 * Bundles src/main.ts and everything it needs into dist/. A short command such as `check` spends most of
 * its time on loading code, so commands stay apart, packages come as ES modules where they can (what is
 * not used falls away), and the compiled code is kept beside the bundle. Commands that need no cluster
 * run on Node.js 20, too (src/cli/require-node.ts).
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = `${root}dist`;

const isIn = (packageName: string, file: string): boolean =>
  file.replaceAll('\\', '/').includes(`/node_modules/${packageName}/`);

/** Commander loads it for subcommands that are programs of their own. There are none. */
const withoutChildProcesses: esbuild.Plugin = {
  name: 'without-child-processes',
  setup(build) {
    build.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      isIn('commander', importer) ? { path, namespace: 'none' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'module.exports = {}' }));
  },
};

/**
 * Of the client library only KubeConfig is used. Its index would bring five megabytes of generated
 * classes along; its modules only define things, so what is not imported falls away.
 */
const onlyKubeConfig: esbuild.Plugin = {
  name: 'only-kube-config',
  setup(build) {
    const config = `${root}node_modules/@kubernetes/client-node/dist/config.js`;
    build.onResolve({ filter: /^@kubernetes\/client-node$/ }, () => ({
      path: realpathSync(config),
    }));
    build.onResolve({ filter: /^\./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (!isIn('@kubernetes/client-node', importer) || pluginData === resolved) return undefined;
      const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: resolved });
      return { ...found, pluginData: undefined, sideEffects: false };
    });
  },
};
/** Says to the plugin that a question is its own. */
const resolved = Symbol('resolved');

rmSync(outdir, { recursive: true, force: true });
await esbuild.build({
  plugins: [withoutChildProcesses, onlyKubeConfig],
  absWorkingDir: root,
  entryPoints: { program: 'src/main.ts' },
  outdir,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  // The package offers its ES modules to browsers only; the code is the same.
  alias: { yaml: `${root}node_modules/yaml/browser/dist/index.js` },
  // Names stay, so that a stack trace leads to the source.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  // CommonJS packages call require() for Node's own modules; ES modules have none.
  banner: {
    js: "import{createRequire as createNodeRequire}from'node:module';const require=createNodeRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

// Older versions must be able to read this file, if only to say that they are too old.
writeFileSync(
  `${outdir}/main.js`,
  `#!/usr/bin/env node
import module from 'node:module';
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write('bucketwarden: needs Node.js 20.19 or later, this is ' + process.versions.node + '\\n');
  process.exit(2);
}
// In our own directory: the default is in /tmp, where any user could put code for us to run.
if (major >= 24) {
  const directory = import.meta.dirname + '/compile-cache';
  module.enableCompileCache({ directory, portable: true });
}
await import('./program.js');
`,
);
chmodSync(`${outdir}/main.js`, 0o755);

// Fills the cache with what these commands compile on their way; it is written when they end.
const tenants = ['--tenants', 'examples/tenants.yaml'];
for (const command of [
  ['policy', 'list'],
  ['check', 'examples/good', ...tenants],
]) {
  execFileSync(process.execPath, [`${outdir}/main.js`, ...command], { cwd: root, stdio: 'ignore' });
}

// Node.js makes them readable for their owner alone, but an image is built and run by different users.
for (const entry of readdirSync(`${outdir}/compile-cache`, {
  recursive: true,
  withFileTypes: true,
})) {
  if (entry.isFile()) chmodSync(`${entry.parentPath}/${entry.name}`, 0o644);
}
