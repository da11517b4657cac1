import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderProblem } from '../../src/errors.ts';
import { readSources, requireSources } from '../../src/files/read-sources.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

/** A directory with these files, each with its own name in it, and these links. */
function directoryOf(
  files: readonly string[],
  links: Readonly<Record<string, string>> = {},
): string {
  const directory = temporaryDirectory();
  const place = (name: string): string => {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  };
  for (const name of files) writeFileSync(place(name), name);
  for (const [name, target] of Object.entries(links)) symlinkSync(target, place(name));
  return directory;
}

async function read(
  directory: string,
  paths: readonly string[],
): Promise<{ found: string[]; problems: string[] }> {
  const readStdin = (): Promise<string> => Promise.resolve('piped');
  const { sources, problems } = await readSources(paths, { directory, readStdin });
  return {
    found: sources.map(({ file, text, isNamed }) => `${file}=${text}${isNamed ? ' named' : ''}`),
    problems: problems.map(renderProblem),
  };
}

describe('reading what a user names', () => {
  it('reads every manifest in and below a directory, in order', async () => {
    const directory = directoryOf([
      'd/b.yml',
      'd/a/c.json',
      'd/a.yaml',
      'd/readme.md',
      'd/.hidden/x.yaml',
      'd/.x.yaml',
      'd/node_modules/x.yaml',
    ]);
    expect(await read(directory, ['d'])).toEqual({
      found: ['d/a.yaml=d/a.yaml', 'd/a/c.json=d/a/c.json', 'd/b.yml=d/b.yml'],
      problems: [],
    });
  });

  it('reads a file that is named whatever its name, and stdin', async () => {
    const directory = directoryOf(['rendered.txt']);
    expect(await read(directory, ['-', './rendered.txt'])).toEqual({
      found: ['stdin=piped named', './rendered.txt=rendered.txt named'],
      problems: [],
    });
  });

  it('reads a file once, and knows that it was named', async () => {
    const directory = directoryOf(['d/a.yaml', 'd/b.yaml'], { 'd/c.yaml': 'b.yaml' });
    expect((await read(directory, ['d', 'd/a.yaml', 'd'])).found).toEqual([
      'd/a.yaml=d/a.yaml named',
      'd/b.yaml=d/b.yaml',
    ]);
  });

  it('follows linked directories', async () => {
    const directory = directoryOf(['shared/base/x.yaml', 'd/y.yaml'], {
      'd/base': '../shared/base',
    });
    expect(await read(directory, ['d'])).toEqual({
      found: ['d/base/x.yaml=shared/base/x.yaml', 'd/y.yaml=d/y.yaml'],
      problems: [],
    });
  });

  it('reads a directory once, under its own name, whatever links lead to it', async () => {
    const directory = directoryOf(['d/z/x.yaml'], {
      'd/a': 'z',
      'd/z/up': '..',
      'd/z/self': '.',
      'd/z/round': 'round',
      'd/z/more': '../z',
    });
    expect(await read(directory, ['d'])).toEqual({
      found: ['d/z/x.yaml=d/z/x.yaml'],
      problems: [],
    });
  });

  it('reports a link to nothing that is named like a manifest, and reads the rest', async () => {
    const directory = directoryOf(['d/a.yaml'], { 'd/gone.yaml': 'nowhere', 'd/gone': 'nowhere' });
    expect(await read(directory, ['d'])).toEqual({
      found: ['d/a.yaml=d/a.yaml'],
      problems: ['d/gone.yaml: cannot be read: no such file or directory'],
    });
  });

  it('reports what is not there and what is empty', async () => {
    const directory = directoryOf(['d/readme.md']);
    expect(await read(directory, ['d', 'missing'])).toEqual({
      found: [],
      problems: [
        'd: has no .yaml, .yml or .json file in it',
        'missing: cannot be read: no such file or directory',
      ],
    });
  });
});

it('where all are needed, one that cannot be read is an error', async () => {
  const directory = directoryOf(['a.yaml']);
  await expect(
    requireSources([join(directory, 'a.yaml'), join(directory, 'b.yaml')]),
  ).rejects.toThrow(`${join(directory, 'b.yaml')}: cannot be read: no such file or directory`);
});
