import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

/** Packages that a file loads at once, everything behind a dynamic import left out. */
async function packagesOf(file: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`../../src/${file}`, import.meta.url))],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    plugins: [
      {
        name: 'lazy',
        setup(toBuild) {
          toBuild.onResolve({ filter: /.*/ }, ({ path, kind }) =>
            kind === 'dynamic-import' ? { path, external: true } : undefined,
          );
        },
      },
    ],
  });
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports);
  return [
    ...new Set(
      imported
        .filter(({ external, kind, path }) => {
          return external === true && kind === 'import-statement' && !path.startsWith('node:');
        })
        .map(({ path }) => path),
    ),
  ].sort();
}

it('the program itself loads nothing but commander', async () => {
  expect(await packagesOf('main.ts')).toEqual(['commander']);
});

it('check loads no server, no cluster client and no signatures', async () => {
  expect(await packagesOf('cli/check.ts')).toEqual([
    '@cfworker/json-schema',
    '@marcbachmann/cel-js',
    'ipaddr.js',
    'jsonpatch',
    'lru-cache',
    'tldts',
    'yaml',
  ]);
});
