import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const stages = readStages(readFileSync(new URL('Dockerfile', root), 'utf8'));
const final = stages.at(-1) ?? [];

describe('the image', () => {
  it('is built in one stage and made in another', () => {
    expect(stages).toHaveLength(2);
    expect(argumentsOf(stages[0] ?? [], 'FROM')).toEqual(['${BUILD_IMAGE} AS build']);
    expect(argumentsOf(final, 'FROM')).toEqual(['${RUNTIME_IMAGE}']);
  });

  it('holds the bundle, the licence and package.json, and nothing else of ours', () => {
    expect(argumentsOf(final, 'COPY')).toEqual([
      'LICENSE package.json ./',
      '--from=build /src/dist ./dist',
    ]);
  });

  it('runs nothing while it is made, so that it needs neither shell nor npm', () => {
    expect(argumentsOf(final, 'RUN')).toEqual([]);
    expect(argumentsOf(final, 'ADD')).toEqual([]);
  });

  it('starts Bucketwarden under a number that is not root', () => {
    expect(argumentsOf(final, 'USER')).toEqual(['65532:65532']);
    expect(argumentsOf(final, 'ENTRYPOINT')).toEqual([
      '["/nodejs/bin/node", "--max-semi-space-size=16", "/app/dist/main.js"]',
    ]);
  });

  it('is made from images that are pinned to a tag', () => {
    for (const image of argumentsOf(stages.flat(), 'ARG').concat(preamble())) {
      expect(image).toMatch(/^[A-Z_]+=[a-z0-9./-]+:(?!latest)[a-z0-9.-]+$/);
    }
    expect(preamble()).toHaveLength(2);
  });

  it('is built from what .dockerignore lets through, which are files that exist', () => {
    const [first, ...allowed] = readFileSync(new URL('.dockerignore', root), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).toBe('*');
    const wanted = stages
      .flatMap((stage) => argumentsOf(stage, 'COPY'))
      .filter((copy) => !copy.startsWith('--from'))
      .flatMap((copy) => copy.split(' ').slice(0, -1));
    expect(allowed.map((line) => line.slice(1)).sort()).toEqual([...new Set(wanted)].sort());
    for (const path of wanted) expect(existsSync(new URL(path, root)), path).toBe(true);
  });
});

/** Instructions before the first FROM. */
function preamble(): readonly string[] {
  const [before = ''] = readFileSync(new URL('Dockerfile', root), 'utf8').split(/^FROM /m);
  return argumentsOf(instructionsOf(before), 'ARG');
}

function readStages(text: string): readonly (readonly string[])[] {
  return text
    .split(/^(?=FROM )/m)
    .slice(1)
    .map(instructionsOf);
}

/** One instruction a line: continued lines joined, comments gone. */
function instructionsOf(text: string): readonly string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line));
}

function argumentsOf(instructions: readonly string[], name: string): readonly string[] {
  return instructions
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1));
}
