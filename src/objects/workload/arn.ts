import { limits } from '../../limits.ts';
import type { ReadingBudget } from './reading-budget.ts';

const mark = ':s3:::';

/** "bucket/key" of every "arn:aws:s3:::bucket/key" in a text, whatever the partition. */
export function* findArns(
  text: string,
  budget: Pick<ReadingBudget, 'stepsLeft'>,
): Generator<string, void, undefined> {
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + mark.length)) {
    budget.stepsLeft -= limits.stepsOfUrl;
    if (budget.stepsLeft < 0) return;
    if (!/(?:^|[^\w-])arn:[\w-]{1,32}$/i.test(text.slice(Math.max(0, at - 40), at))) continue;
    const window = text.slice(at + mark.length).slice(0, maxArnCharacters);
    const length = window.search(/[ \t\r\n"'`<>|;,()[\]\\^&!]/);
    yield length === -1 ? window : window.slice(0, length);
  }
}

/** A bucket and a key of 1,024 bytes; a key that goes on changes nothing. */
const maxArnCharacters = 2_048;
