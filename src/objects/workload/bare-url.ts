import type { BucketUri } from '../../bucket/bucket-uri.ts';
import { limits } from '../../limits.ts';
import type { ReadingBudget } from './reading-budget.ts';

/** A name of the store with a path behind it, as it is in a text. */
export interface BareUrl extends Omit<BucketUri, 'scheme'> {
  readonly isCut: boolean;
}

/** What to look for, and how much. */
interface BareSearch {
  /** Finds the names; see `StorageNames`. */
  readonly mention: RegExp | undefined;
  readonly budget: ReadingBudget;
}

/** "a.b/buc": names have a dot, and buckets three letters. */
const shortestUrl = 7;
/** How far back a host may begin, and what is before it. */
const maxLookBehind = 256;

/**
 * Finds URLs at the store that are written without a scheme ("s3.example.com/bucket/key"), as curl and
 * many SDKs accept them, or with a scheme and no slash. Those with scheme and slash are found by `findUris`.
 */
export function* findBareUrls(
  text: string,
  { mention, budget }: BareSearch,
): Generator<BareUrl, void, undefined> {
  if (mention === undefined || text.length < shortestUrl || !/[/\\]/.test(text)) return;
  let at = 0;
  for (;;) {
    // Set each time: what is done with one URL may search another text.
    mention.lastIndex = at;
    const match = mention.exec(text);
    if (match === null) return;
    const { 0: name, index } = match;
    at = mention.lastIndex;
    budget.stepsLeft -= limits.stepsOfUrl;
    if (budget.stepsLeft < 0) return;
    const start = startOfHost(text, index);
    const hostEnd = index + name.length;
    const separator = /^\.?(?::(\d{1,9}))?[/\\]/.exec(text.slice(hostEnd, hostEnd + 12));
    if (separator === null || isPartOfOther(text, start)) continue;
    const from = hostEnd + separator[0].length;
    const window = text.slice(from, from + limits.maxUriCharacters);
    const length = window.search(/[ \t\r\n"'`<>|;,[\]^&!?#]/);
    const path = length === -1 ? window : window.slice(0, length);
    budget.stepsLeft -= path.length / limits.charactersPerStep;
    yield {
      userInfo: userInfoBefore(text, start),
      host: text.slice(start, hostEnd),
      port: separator[1],
      path: path.replaceAll('\\', '/').replace(/^\/+/, ''),
      isCut: path.length === limits.maxUriCharacters,
    };
  }
}

/** Labels in front of the name ("bucket.s3.example.com"), variables included. */
function startOfHost(text: string, index: number): number {
  let start = index;
  const first = Math.max(0, index - maxLookBehind);
  while (start > first && /[\w.${}%()\u0080-\uffff-]/.test(text.charAt(start - 1))) start--;
  return start;
}

/** True when the name is part of a path, or of a URL that has a scheme. */
function isPartOfOther(text: string, start: number): boolean {
  let from = start;
  while (from > 0 && start - from < maxLookBehind && /[/\\]/.test(text.charAt(from - 1))) from--;
  if (from === start) {
    // A name in a certificate is not a URL, unlike restic's "s3:host/bucket".
    if (text.startsWith('DNS:', start - 4)) return true;
    return text.charAt(start - 1) === '@' && /:[/\\]/.test(wordBefore(text, start));
  }
  // "//host/path" goes without a scheme, too.
  return start - from === 1 || (from > 0 && !/[\s"'`=,;|&(]/.test(text.charAt(from - 1)));
}

function userInfoBefore(text: string, start: number): string | undefined {
  return text.charAt(start - 1) === '@' ? wordBefore(text, start).slice(0, -1) : undefined;
}

function wordBefore(text: string, end: number): string {
  const before = text.slice(Math.max(0, end - maxLookBehind), end);
  return before.split(/[\s"'`=,;|&(]/).at(-1) ?? '';
}
