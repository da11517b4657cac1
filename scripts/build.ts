import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Bundles src/main.ts and everything it needs into dist/. Commands stay apart, so that `check` does
 * not load what only `serve` needs: most of the time of a short command is spent on loading code.
 */
const outdir = fileURLToPath(new URL('../dist', import.meta.url));

rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: [fileURLToPath(new URL('../src/main.ts', import.meta.url))],
  outdir,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Names stay: a stack trace must lead to the source, and shorter ones load no faster.
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: false,
  legalComments: 'linked',
  // CommonJS packages call require() for Node's own modules; ES modules have none.
  banner: {
    js: "import{createRequire as __bucketwardenRequire}from'node:module';const require=__bucketwardenRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
chmodSync(`${outdir}/main.js`, 0o755);
