import { limits } from '../../limits.ts';
import type { Variables } from './expansion.ts';
import type { ReadingBudget } from './reading-budget.ts';

interface WordSearch {
  readonly variables: Variables;
  /** Finds the store's names; see `StorageNames`. */
  readonly mention: RegExp | undefined;
  readonly budget: ReadingBudget;
}

/** At the start of a word, with something behind it: a port, a path, a variable, more of a name. */
const variableInFront =
  /(?<![\w/\\$}.-])\$(?:\{(\w{1,128})(?::?[-=?][^{}]{0,256}|%\/)?\}|(\w{1,128}))["']{0,4}(?=[\w.:/\\$-])/g;

/** Values are URLs and hosts, or not of interest. */
const maxValueCharacters = 1_024;

/** Words that begin with a variable whose value mentions the store, or begins a URL. */
export function* findWordsOfVariables(
  text: string,
  { variables, mention, budget }: WordSearch,
): Generator<string, void, undefined> {
  if (!text.includes('$')) return;
  for (const { 0: written, 1: braced, 2: plain, index } of text.matchAll(variableInFront)) {
    if (--budget.stepsLeft < 0) return;
    const value = variables.get(braced ?? plain ?? '');
    if (value === undefined || value.length > maxValueCharacters) continue;
    if (!value.includes(':') && (mention === undefined || value.search(mention) === -1)) continue;
    budget.stepsLeft -= limits.stepsOfUrl;
    const rest = text.slice(index + written.length, index + limits.maxUriCharacters);
    const length = rest.search(/[ \t\r\n"'`<>|;,()]/);
    yield written.replace(/["']/g, '') + (length === -1 ? rest : rest.slice(0, length));
  }
}
