import { limits } from '../../limits.ts';
import type { ReadingBudget } from './reading-budget.ts';

/** A value that follows a flag; undefined when it is the next word of the command line. */
export interface FlagValue {
  readonly text: string | undefined;
  /** The value goes on, but is too long to be read. */
  readonly isCut: boolean;
}

/** Which flags are looked for, and how much. */
interface FlagSearch {
  readonly flags: ReadonlySet<string>;
  readonly budget: ReadingBudget;
}

/**
 * Values of the given flags inside one word of a command line, which may be a whole script: "--bucket=x",
 * "--bucket x", with quotes or without.
 */
export function* findFlagValues(
  word: string,
  { flags, budget }: FlagSearch,
): Generator<FlagValue, void, undefined> {
  // Every flag begins with a dash, and most words of most command lines have none.
  if (!word.includes('-')) return;
  for (const flag of flags) {
    for (let at = word.indexOf(flag); at !== -1; at = word.indexOf(flag, at + flag.length)) {
      budget.stepsLeft -= limits.stepsOfUrl;
      if (budget.stepsLeft < 0) return;
      if (at > 0 && !/[\s;|&"'`(]/.test(word.charAt(at - 1))) continue;
      const value = valueAfter(
        word.slice(at + flag.length, at + flag.length + limits.maxUriCharacters),
      );
      if (value !== undefined) yield value;
    }
  }
}

/** What follows a flag; undefined when the flag was the beginning of a longer one. */
function valueAfter(rest: string): FlagValue | undefined {
  // A quote may close around the flag alone: "--bucket" x.
  const separator = /^["'`]?(?:=|\s+|$)/.exec(rest);
  if (separator === null) return undefined;
  const value = rest.slice(separator[0].length);
  if (value === '' && !separator[0].endsWith('=')) return { text: undefined, isCut: false };
  const length = value.search(/[\s;|&]/);
  const bare = (length === -1 ? value : value.slice(0, length)).replace(/["'`]/g, '');
  // The end of a subshell: (tool --bucket x).
  const text = bare.endsWith(')') && !bare.includes('(') ? bare.replace(/\){1,8}$/, '') : bare;
  return { text, isCut: length === -1 && rest.length === limits.maxUriCharacters };
}
