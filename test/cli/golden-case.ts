import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** Where the cases are. */
export const casesDirectory = fileURLToPath(new URL('.', import.meta.url));

export interface Case {
  readonly directory: string;
  /** The words after "bucketwarden". */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

const outputs = ['stdout.txt', 'stderr.txt', 'exit-code'] as const;
type Outputs = Readonly<Record<(typeof outputs)[number], string>>;

/** Every folder is a case: one without command.txt fails when it is read. */
export function findCases(): readonly string[] {
  return readdirSync(casesDirectory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/**
 * command.txt is one command line as in a shell, `NAME=value` in front and `< file` behind included;
 * quotes keep blanks together, nothing else is special.
 */
export function readCase(name: string): Case {
  const directory = join(casesDirectory, name);
  const words = wordsOf(readFileSync(join(directory, 'command.txt'), 'utf8'));
  const start = words.indexOf('bucketwarden');
  const redirection = words.indexOf('<');
  const argv = words.slice(start + 1, redirection === -1 ? undefined : redirection);
  const env = words.slice(0, start).map((word): [string, string] => {
    const [key = '', ...value] = word.split('=');
    return [key, value.join('=')];
  });
  const input = redirection === -1 ? undefined : words[redirection + 1];
  const stdin = input === undefined ? '' : readFileSync(join(directory, input), 'utf8');
  return { directory, argv, env: Object.fromEntries(env), stdin };
}

/** Compares with the files of the case, or writes them (UPDATE_GOLDEN=1). Empty output has no file. */
export function compareGolden({ directory }: Case, found: Outputs): void {
  const wanted = Object.fromEntries(outputs.map((name) => [name, readOr(join(directory, name))]));
  if (process.env['UPDATE_GOLDEN'] !== '1') {
    expect(found).toEqual(wanted);
    return;
  }
  for (const name of outputs) {
    if (found[name] === '') rmSync(join(directory, name), { force: true });
    else writeFileSync(join(directory, name), found[name]);
  }
}

/** Files of a case that its command does not name, by themselves or by a folder above them. */
export function orphansOf(name: string): readonly string[] {
  const directory = join(casesDirectory, name);
  const words = wordsOf(readFileSync(join(directory, 'command.txt'), 'utf8')).map((word) =>
    normalize(word),
  );
  const expected = new Set<string>(['command.txt', ...outputs]);
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .filter(
      (file) =>
        !expected.has(file) && !words.some((word) => file === word || file.startsWith(`${word}/`)),
    );
}

function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
}

function readOr(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
