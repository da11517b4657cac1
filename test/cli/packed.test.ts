import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { requireNode } from '../../src/cli/require-node.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const example = join(root, 'examples');

/** npm must get by with what is on this machine: no registry, and a cache without anything in it. */
const isolated = {
  HOME: temporaryDirectory(),
  npm_config_cache: temporaryDirectory(),
  npm_config_offline: 'true',
  npm_config_registry: 'http://127.0.0.1:9/',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
};

interface Node {
  readonly name: string;
  /** What PATH is, so that `node` and `npm` are this one's. */
  readonly path: string;
}

/** The Node.js of the project, and the first other one on the PATH, which is often older. */
function nodesHere(): readonly Node[] {
  const own = dirname(process.execPath);
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  const others = directories.filter(
    (directory) => !directory.includes('node_modules') && directory !== own && hasNode(directory),
  );
  const rest = directories.filter((directory) => !directory.includes('node_modules')).join(delimiter);
  if (others.length === 0) {
    process.stderr.write('!!! only one Node.js is installed: the package is not tried on another\n');
  }
  const paths = [[own, rest].join(delimiter), ...(others.length === 0 ? [] : [rest])];
  return paths.map((path) => ({ path, name: run('node', ['--version'], { path }).stdout.trim() }));
}

function hasNode(directory: string): boolean {
  return existsSync(join(directory, process.platform === 'win32' ? 'node.exe' : 'node'));
}

/** A folder with nothing but the tarball, as after a download. */
function folderWith(tarball: string): string {
  const folder = temporaryDirectory();
  cpSync(tarball, join(folder, basename(tarball)));
  return folder;
}

/** Only so that a run that hangs ends: npm and the build take seconds, but the machine may be busy. */
const minutes = 600_000;

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  program: string,
  words: readonly string[],
  { path, cwd = '/' }: { readonly path: string; readonly cwd?: string },
): Ran {
  const env = { ...isolated, PATH: path };
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the package that `npm pack` makes', () => {
  const packed = temporaryDirectory();
  let tarball = '';

  beforeAll(() => {
    const source = temporaryDirectory();
    for (const name of ['package.json', 'README.md', 'LICENSE', 'scripts', 'src', 'examples']) {
      cpSync(join(root, name), join(source, name), { recursive: true });
    }
    // What is there must not become part of it by chance.
    for (const name of ['test', 'certs']) mkdirSync(join(source, name));
    cpSync(join(root, 'vitest.config.ts'), join(source, 'test/x.test.ts'));
    symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'));
    execFileSync('npm', ['pack', '--pack-destination', packed], { cwd: source, stdio: 'pipe' });
    tarball = join(packed, readdirSync(packed)[0] ?? '');
  }, minutes);

  it('is small and holds the build, the README and the licence', () => {
    const listed = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
    const other = listed.filter((name) => !/^package\/dist\/(chunks\/.*|(main|program)\.js)$/.test(name));
    expect(other.sort()).toEqual(['package/LICENSE', 'package/README.md', 'package/package.json']);
    expect(statSync(tarball).size).toBeLessThan(1_500_000);
  });

  it('depends on nothing', () => {
    const text = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
    const { dependencies, engines, bin, private: isPrivate } = JSON.parse(text) as Record<string, unknown>;
    expect({ dependencies, engines, bin, isPrivate }).toEqual({
      dependencies: undefined,
      engines: { node: '>=20.19' },
      bin: { bucketwarden: 'dist/main.js' },
      isPrivate: undefined,
    });
  });

  describe.each(nodesHere())('on Node.js $name', ({ path }) => {
    const words = ['check', join(example, 'bad'), '--tenants', join(example, 'tenants.yaml')];
    const counted: unknown = expect.stringMatching(/\nchecked \d+, denied \d+, warned \d+, skipped \d+\n$/);

    it('runs with npx from an empty folder', () => {
      const cwd = folderWith(tarball);
      const found = run('npx', ['--yes', `./${basename(tarball)}`, ...words], { path, cwd });
      expect(found).toEqual({ status: 1, stdout: counted, stderr: '' });
      expect(readdirSync(cwd)).toEqual([basename(tarball)]);
    }, minutes);

    it('runs after npm install -g, with nothing else installed', () => {
      const prefix = temporaryDirectory();
      const installed = run('npm', ['install', '-g', '--prefix', prefix, tarball], { path });
      expect(installed).toMatchObject({ status: 0, stderr: '' });
      const program = process.platform === 'win32' ? 'bucketwarden.cmd' : 'bin/bucketwarden';
      const found = run(join(prefix, program), words, { path });
      expect(found).toEqual({ status: 1, stdout: counted, stderr: '' });
      const modules = process.platform === 'win32' ? 'node_modules' : 'lib/node_modules';
      expect(readdirSync(join(prefix, modules))).toEqual(['bucketwarden']);
      expect(readdirSync(join(prefix, modules, 'bucketwarden')).sort()).toEqual([
        'LICENSE',
        'README.md',
        'dist',
        'package.json',
      ]);
    }, minutes);

    it('makes certificates', () => {
      const cwd = folderWith(tarball);
      const found = run('npx', ['--yes', `./${basename(tarball)}`, 'certs'], { path, cwd });
      expect({ ...found, stdout: found.stdout.split('\n').length }).toEqual({
        status: 0,
        stdout: 6,
        stderr: '',
      });
    }, minutes);
  });

  it('reaches for a cluster, on the Node.js that it is made for', () => {
    const cwd = folderWith(tarball);
    writeFileSync(join(cwd, 'kubeconfig'), kubeconfig);
    const [own, other] = nodesHere();
    const words = ['--yes', `./${basename(tarball)}`, 'certs', '--install', '--kubeconfig', 'kubeconfig'];
    const found = run('npx', words, { path: own?.path ?? '', cwd });
    expect(found.stderr).toMatch(/^bucketwarden: GET https:\/\/127\.0\.0\.1:9\/.*: connect ECONNREFUSED/);
    if (other === undefined || Number.parseInt(other.name.slice(1), 10) >= 24) return;
    const { status, stderr } = run('npx', words, { path: other.path, cwd });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `bucketwarden: certs --install needs Node.js 24 or later, this is ${other.name.slice(1)}\n`,
    });
  }, minutes);

  it('says what it needs on a Node.js that is too old', () => {
    const directory = temporaryDirectory();
    execFileSync('tar', ['-xzf', tarball, '-C', directory]);
    const pretend =
      "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'18.20.4'}})";
    const main = join(directory, 'package/dist/main.js');
    const { status, stderr } = spawnSync(process.execPath, ['--import', pretend, main, ...['--version']], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'bucketwarden: needs Node.js 20.19 or later, this is 18.20.4\n',
    });
    // Versions that old cannot read newer syntax, which would hide the message.
    expect(readFileSync(main, 'utf8')).not.toMatch(/\?\.|\?\?|`/);
  });
});

/** Nobody listens there. */
const kubeconfig = `
apiVersion: v1
kind: Config
current-context: nobody
contexts: [{ name: nobody, context: { cluster: nobody, user: nobody } }]
clusters: [{ name: nobody, cluster: { server: 'https://127.0.0.1:9' } }]
users: [{ name: nobody, user: { token: none } }]
`;

it('says when a command needs a newer Node.js than the others', () => {
  expect(() => {
    requireNode('serve', '20.20.2');
  }).toThrow('serve needs Node.js 24 or later, this is 20.20.2');
  expect(() => {
    requireNode('serve', '24.0.0');
  }).not.toThrow();
});
