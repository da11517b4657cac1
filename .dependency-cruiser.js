/**
 * Who may import what in src/, checked by `npm run lint`. Outer parts import inner ones, never the other
 * way round, and nothing imports in a circle: neither files nor folders.
 */

/** Inner to outer. A part imports from its own row and the rows above it. */
const rows = [
  ['names.ts', 'errors.ts', 'limits.ts'],
  ['admission', 'bucket', 'host', 'files'],
  ['declaration'],
  ['settings'],
  ['tenant'],
  ['objects'],
  ['identity'],
  ['rules', 'inject'],
  ['manifests'],
  ['engine'],
  ['telemetry', 'certs'],
  ['kube'],
  ['server'],
  ['cli'],
  ['main.ts'],
];

/** Packages that only one part may know. */
const packageHomes = {
  express: 'server',
  'raw-body': 'server',
  pino: 'telemetry',
  'prom-client': 'telemetry',
  '@peculiar/x509': 'certs',
  commander: 'cli',
  jose: 'identity',
  '@kubernetes/client-node': 'kube',
  split2: 'kube',
};

/** Parts whose code only computes: they read no file, open no connection and wait for no timer. */
const pureParts =
  '^src/(admission|bucket|host|declaration|settings|tenant|objects|identity|rules|inject|manifests|engine)/';

const pathOf = (part) => (part.endsWith('.ts') ? `^src/${part}$` : `^src/${part}/`);

/** Everything in the rows after this one. */
const outerThan = (index) =>
  rows
    .slice(index + 1)
    .flat()
    .map(pathOf)
    .join('|');

export default {
  forbidden: [
    { name: 'no-circle-of-files', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-circle-of-folders',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    ...rows.slice(0, -1).flatMap((row, index) => [
      {
        name: `inwards-only-from-${row[0].replace('.ts', '')}`,
        severity: 'error',
        from: { path: row.map(pathOf).join('|') },
        to: { path: outerThan(index) },
      },
    ]),
    ...Object.entries(packageHomes).map(([name, home]) => ({
      name: `only-${home}-knows-${name.replaceAll(/\W/g, '-')}`,
      severity: 'error',
      from: { pathNot: `^src/${home}/` },
      to: { path: `^node_modules/${name}/` },
    })),
    {
      name: 'pure-parts-only-compute',
      severity: 'error',
      from: { path: pureParts },
      to: {
        dependencyTypes: ['core'],
        path: '^(fs|net|http|https|tls|dns|child_process|timers|process|worker_threads)',
      },
    },
    {
      name: 'src-imports-nothing-outside',
      severity: 'error',
      from: { path: '^src/' },
      to: { pathNot: '^(src/|node_modules/|package\\.json$)', dependencyTypesNot: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
