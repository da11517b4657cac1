import { describe, expect, it } from 'vitest';
import { MarkupError, readBlocks, sessionsOf } from '../../scripts/run-docs/blocks.ts';

const page = (...lines: readonly string[]): string => lines.join('\n');

describe('reading the command blocks of a page', () => {
  it('finds them with their lines, also inside of lists, and passes over other languages', () => {
    const markdown = page(
      '# Title',
      '```yaml',
      'kind: Pod',
      '```',
      '1. First:',
      '   ```sh',
      '   npm ci',
      '     npm test',
      '   ```',
    );
    expect(readBlocks('a.md', markdown)).toEqual([
      { page: 'a.md', line: 7, kind: 'sh', text: 'npm ci\n  npm test', note: { kind: 'none' } },
    ]);
  });

  it('takes the note on the line before, with or without an empty line between', () => {
    const markdown = page(
      '<!-- not run: needs Docker -->',
      '```sh',
      'docker build .',
      '```',
      '<!-- run until: listening -->',
      '',
      '```sh',
      'serve',
      '```',
    );
    expect(readBlocks('a.md', markdown).map(({ note }) => note)).toEqual([
      { kind: 'skip', reason: 'needs Docker' },
      { kind: 'until', text: 'listening' },
    ]);
  });

  it.each([
    [
      'a note without a block',
      ['<!-- not run: why -->', 'Text.'],
      'a.md:1: this note is not followed by a block of commands',
    ],
    [
      'a note at the end',
      ['Text.', '<!-- not run: why -->'],
      'a.md:2: this note is not followed by a block of commands',
    ],
    [
      'a note before a block of another language',
      ['<!-- not run: why -->', '```yaml', 'a: 1', '```'],
      'a.md:1: this note is not followed by a block of commands',
    ],
    [
      'a language that hides commands',
      ['', '```bash', 'ls', '```'],
      'a.md:2: write ```sh or ```console, not bash',
    ],
  ])('refuses %s', (_, lines, message) => {
    expect(() => readBlocks('a.md', page(...lines))).toThrow(new MarkupError(message));
  });
});

describe('the commands of a console block', () => {
  const sessionsIn = (...lines: readonly string[]): unknown => {
    const [block] = readBlocks('a.md', page('```console', ...lines, '```'));
    return block && sessionsOf(block);
  };

  it('come with their output, and go on after "> "', () => {
    expect(sessionsIn('$ one', 'first', '> no command', '$ two \\', '> more', '$ three')).toEqual([
      { line: 2, command: 'one', expected: 'first\n> no command' },
      { line: 5, command: 'two \\\nmore', expected: '' },
      { line: 7, command: 'three', expected: '' },
    ]);
  });

  it('begin with "$ "', () => {
    expect(() => sessionsIn('output')).toThrow(
      new MarkupError('a.md:2: a command begins with "$ "'),
    );
  });
});
