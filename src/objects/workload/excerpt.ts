import type { FieldPath } from '../../admission/field-path.ts';
import { textOf, valueAt } from '../../admission/json.ts';
import type { Workload } from './pod-template.ts';

const maxExcerpt = 60;
const betweenWords = /[\s;|&<>"']/;

/**
 * The literal text at a path, quoted and followed by a blank; "" for references and for a text with user
 * information. Of a longer text only the word with the first variable: the rest of a script does not belong
 * in a message. No more than twice the excerpt is looked at, however long the text is.
 */
export function excerptAt({ spec, specPath }: Workload, path: FieldPath): string {
  const text = textOf(valueAt(spec, path.slice(specPath.length))) ?? '';
  const word = text.length <= maxExcerpt ? text : wordAround(text, text.indexOf('$'));
  if (word === '' || word.includes('@')) return '';
  const excerpt = word.length <= maxExcerpt ? word : `${word.slice(0, maxExcerpt)}…`;
  return `${JSON.stringify(excerpt)} `;
}

/** The word at `at`, as far as it is near; "" when `at` is -1. */
function wordAround(text: string, at: number): string {
  if (at === -1) return '';
  const before =
    text
      .slice(Math.max(0, at - maxExcerpt), at)
      .split(betweenWords)
      .at(-1) ?? '';
  const after = text.slice(at, at + maxExcerpt + 1).split(/\s/, 1)[0] ?? '';
  return before + after;
}
