import { limits } from '../../limits.ts';
import type { ReadingBudget } from './reading-budget.ts';

/** A variable's value, or undefined when only the running container knows it. */
export type Variables = Pick<ReadonlyMap<string, string | undefined>, 'get' | 'has'>;

/**
 * Expands `$(NAME)` as the kubelet does (k8s.io/kubernetes third_party/forked/golang/expansion):
 * `$$` is one dollar, an unknown name stays as it was written. Undefined when the result is longer
 * than Linux passes to a program.
 */
export function expandVariables(
  text: string,
  variables: Variables,
  budget: ReadingBudget,
): string | undefined {
  if (!/\$[$(]/.test(text)) return text;
  const most = mostCharacters(text, budget);
  // Looked up once: "$(" without an end, repeated, would be searched to the end each time.
  const lastClose = text.lastIndexOf(')');
  let result = '';
  let at = 0;
  while (at < text.length && result.length <= most) {
    const dollar = text.indexOf('$', at);
    if (dollar === -1 || dollar === text.length - 1) {
      result += text.slice(at);
      break;
    }
    if (--budget.stepsLeft < 0) return undefined;
    const { written, end } = expandAt(text, dollar, { variables, lastClose });
    result += text.slice(at, dollar) + written;
    at = end;
  }
  return charge(result, budget, most);
}

const shellVariable =
  /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?[-=?][^{}]{0,256}|%\/)?\}|([A-Za-z_][A-Za-z0-9_]*))/g;

/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME%/}` by what the container's own environment
 * says, as its shell would. What the environment does not hold, or holds empty and with a default, stays
 * as written. Undefined when the result is too long.
 */
export function expandShellVariables(
  text: string,
  variables: Variables,
  budget: ReadingBudget,
): string | undefined {
  if (!text.includes('$')) return text;
  const most = mostCharacters(text, budget);
  let result = '';
  let at = 0;
  for (const { 0: written, 1: braced, 2: plain, index } of text.matchAll(shellVariable)) {
    if (--budget.stepsLeft < 0) return undefined;
    const value = variables.get(braced ?? plain ?? '');
    const isDefault = value === '' && written.includes(':');
    result += text.slice(at, index) + (isDefault ? written : (value ?? written));
    at = index + written.length;
    if (result.length > most) break;
  }
  return charge(result + text.slice(at), budget, most);
}

/** What replaces the dollar at `dollar`, which is not the last character, and where text goes on. */
function expandAt(
  text: string,
  dollar: number,
  { variables, lastClose }: { readonly variables: Variables; readonly lastClose: number },
): { readonly written: string; readonly end: number } {
  const next = text.charAt(dollar + 1);
  if (next === '$') return { written: '$', end: dollar + 2 };
  if (next !== '(' || dollar > lastClose) return { written: '$', end: dollar + 1 };
  const close = text.indexOf(')', dollar);
  const name = text.slice(dollar + 2, close);
  return { written: variables.get(name) ?? text.slice(dollar, close + 1), end: close + 1 };
}

/** What is long already may stay as long. */
function mostCharacters({ length }: string, { charactersLeft }: ReadingBudget): number {
  return Math.min(charactersLeft, Math.max(length, limits.maxArgumentCharacters));
}

function charge(result: string, budget: ReadingBudget, most: number): string | undefined {
  if (result.length > most) return undefined;
  budget.charactersLeft -= result.length;
  return result;
}
