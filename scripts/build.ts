import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

/**
 * Bundles src/main.ts and all it needs into dist/. A short command such as `check` spends most of its
 * time on loading code, so commands stay apart, packages come as ES modules where they can (what is
 * not used falls away), and the compiled code is kept beside the bundle.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = `${root}dist`;

/** Commander loads it for subcommands that are programs of their own, of which we have none. */
const withoutChildProcesses: esbuild.Plugin = {
  name: 'without-child-processes',
  setup(build) {
    build.onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      importer.includes('/commander/') ? { path, namespace: 'none' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'module.exports = {}' }));
  },
};

rmSync(outdir, { recursive: true, force: true });
await esbuild.build({
  plugins: [withoutChildProcesses],
  absWorkingDir: root,
  entryPoints: { program: 'src/main.ts' },
  outdir,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
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

writeFileSync(
  `${outdir}/main.js`,
  `#!/usr/bin/env node
import module from 'node:module';
if (Number.parseInt(process.versions.node) < 24) {
  process.stderr.write(\`bucketwarden: needs Node.js 24 or later, this is \${process.versions.node}\\n\`);
  process.exit(2);
}
// In our own directory: the default is one in /tmp, where anybody could put code for us to run.
module.enableCompileCache({ directory: \`\${import.meta.dirname}/compile-cache\`, portable: true });
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

// Node.js lets only its writer read them; an image is built by root and run by somebody else.
for (const entry of readdirSync(`${outdir}/compile-cache`, {
  recursive: true,
  withFileTypes: true,
})) {
  if (entry.isFile()) chmodSync(`${entry.parentPath}/${entry.name}`, 0o644);
}
