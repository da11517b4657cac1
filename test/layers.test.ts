import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Inner to outer: a folder imports from its own row and from the rows above, never from below. */
const layers: readonly (readonly string[])[] = [
  ['names.ts', 'errors.ts', 'limits.ts'],
  ['admission', 'bucket', 'host', 'files'],
  ['declaration', 'manifest', 'config.ts'],
  ['settings'],
  ['tenant', 'istio'],
  ['identity', 'workload'],
  ['rules', 'inject'],
  ['engine'],
  ['certs', 'kube', 'telemetry'],
  ['server', 'cli'],
  ['main.ts'],
];

/** Packages that only one folder may know. */
const packageHomes: ReadonlyMap<string, string> = new Map([
  ['express', 'server'],
  ['pino', 'telemetry'],
  ['prom-client', 'telemetry'],
  ['@peculiar/x509', 'certs'],
  ['commander', 'cli'],
  ['jose', 'identity'],
  ['@kubernetes/client-node', 'kube'],
]);

/** Folders whose code only computes. */
const pure = new Set([
  'admission',
  'bucket',
  'host',
  'declaration',
  'manifest',
  'settings',
  'tenant',
  'istio',
  'workload',
  'rules',
  'inject',
  'engine',
]);
const impure = /^node:(fs|net|http|https|tls|dns|child_process|timers|process|worker_threads)/;

const source = new URL('../src/', import.meta.url);
/** For the version; the bundle takes it in. */
const packageJson = new URL('../package.json', import.meta.url).pathname;
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

describe('imports', () => {
  it.each(files)('of %s point inwards', (file) => {
    const own = layerOf(file);
    expect(own, `${file} belongs to no layer`).not.toBe(-1);
    for (const target of importsOf(file)) {
      if (target.startsWith('.')) {
        const { pathname } = new URL(target, new URL(file, source));
        if (pathname === packageJson) continue;
        expect(pathname.startsWith(source.pathname), `${file} imports ${pathname}`).toBe(true);
        const path = pathname.slice(source.pathname.length);
        expect(layerOf(path), `${file} imports ${path}`).toBeGreaterThanOrEqual(0);
        expect(layerOf(path), `${file} imports ${path}`).toBeLessThanOrEqual(own);
      } else {
        expect(packageHomes.get(target) ?? topOf(file), `${file} imports ${target}`).toBe(
          topOf(file),
        );
        expect(pure.has(topOf(file)) && impure.test(target), `${file} imports ${target}`).toBe(
          false,
        );
      }
    }
  });
});

function layerOf(file: string): number {
  return layers.findIndex((row) => row.includes(topOf(file)));
}

function topOf(file: string): string {
  return file.split('/', 1)[0] ?? '';
}

function importsOf(file: string): string[] {
  const text = readFileSync(new URL(file, source), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'|^import '([^']+)'/gm)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}
