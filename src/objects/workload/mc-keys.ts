import { limits } from '../../limits.ts';
import { programOf } from './shell-script.ts';
import type { ReadingBudget } from './reading-budget.ts';

/** MinIO's client, under both of its names. */
const clients: ReadonlySet<string> = new Set(['mc', 'mcli']);

/** True when `mc alias set NAME URL KEY SECRET` (formerly `config host add`) begins at `words[0]`. */
export function isMcCommandWithKeys(words: readonly string[]): boolean {
  if (!words.includes('alias') && !words.includes('config')) return false;
  const [program = '', ...rest] = words.slice(0, 16);
  // The image's entry point is mc where the words begin with its command.
  const isClient = clients.has(programOf(program));
  return hasKeys(isClient ? rest : [program, ...rest]);
}

const command = /\b(?:alias\s{1,8}set|config\s{1,8}host\s{1,8}add)\s/g;

/** The same anywhere in a script. */
export function holdsMcCommandWithKeys(
  script: string,
  budget: Pick<ReadingBudget, 'stepsLeft'>,
): boolean {
  if (!/\b(?:alias|config)\s/.test(script)) return false;
  for (const { index } of script.matchAll(command)) {
    budget.stepsLeft -= limits.stepsOfUrl;
    if (budget.stepsLeft < 0) return false;
    const before =
      script
        .slice(Math.max(0, index - 128), index)
        .split(/[\n;|&]/)
        .at(-1) ?? '';
    if (!/(?:^|[\s/"'(])(?:mc|mcli)\s/.test(before)) continue;
    const [line = ''] = script.slice(index, index + maxLineCharacters).split(/[\n;|&]/, 1);
    if (hasKeys(line.trim().split(/\s+/))) return true;
  }
  return false;
}

/** A name, a URL and the beginning of a key. */
const maxLineCharacters = 2_048;

function hasKeys(words: readonly string[]): boolean {
  const [first, second, third, ...rest] = words.filter((word) => !word.startsWith('-'));
  if (first === 'alias' && second === 'set') return isKey(rest[1]);
  return first === 'config' && second === 'host' && third === 'add' && isKey(rest[2]);
}

function isKey(word: string | undefined): boolean {
  return word !== undefined && !/^["']*$|^<|^\.\.\./.test(word);
}
