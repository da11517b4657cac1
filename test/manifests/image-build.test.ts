import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../temporary-directory.ts';

const root = new URL('../../', import.meta.url).pathname;
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');

/** The Dockerfile's stages by hand: what it copies, the build it runs, what it takes from that. */
describe('what goes into the image', () => {
  const source = temporaryDirectory();
  const image = temporaryDirectory();
  const readable = 0o004;

  beforeAll(() => {
    for (const path of copied(/^COPY (?!--from|LICENSE)(.*) \S+$/gm)) {
      cpSync(join(root, path), join(source, path), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'));
    execFileSync('node', ['scripts/build.ts'], { cwd: source });
    for (const path of copied(/^COPY (LICENSE .*) \S+$/gm)) {
      cpSync(join(root, path), join(image, path));
    }
    cpSync(join(source, 'dist'), join(image, 'dist'), { recursive: true });
  });

  it('is built from nothing but what is copied, and runs from anywhere', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    const words = [join(image, 'dist/main.js'), '--version'];
    expect(execFileSync('node', words, { cwd: '/', encoding: 'utf8' })).toBe(`${version}\n`);
  });

  it('can be read by the user it runs as, who is not the one that built it', () => {
    const files = readdirSync(image, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.includes('compile-cache/')).length).toBeGreaterThan(1);
    const hidden = files.filter((file) => (statSync(join(image, file)).mode & readable) === 0);
    expect(hidden).toEqual([]);
  });
});

function copied(pattern: RegExp): readonly string[] {
  return [...dockerfile.matchAll(pattern)].flatMap(([, paths = '']) => paths.split(' '));
}
