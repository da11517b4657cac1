import type { FieldPath } from '../../admission/field-path.ts';
import { findUris, readUri, type BucketUri, type UriText } from '../../bucket/bucket-uri.ts';
import { hasVariable } from '../../bucket/bucket-uri.ts';
import { limits } from '../../limits.ts';
import type { Settings } from '../../settings/settings.ts';
import { isUnusualHost, readStoreHost } from '../../settings/storage-names.ts';
import { findArns } from './arn.ts';
import { findBareUrls, type BareUrl } from './bare-url.ts';
import { expandShellVariables, type Variables } from './expansion.ts';
import type { Findings } from './findings.ts';
import { bucketOfPath } from './named-bucket.ts';
import type { ReadingBudget } from './reading-budget.ts';
import { withoutLineBreaks } from './shell-quotes.ts';
import { findStaticKeys } from './static-keys.ts';
import { bucketsAtEndpoint, bucketsOfUri } from './uri-reference.ts';
import { findWordsOfVariables } from './variable-words.ts';

/** Where a text is, and the environment that a shell would know there. */
export interface Place {
  readonly path: FieldPath;
  readonly variables?: Variables;
}

/** What readers work with. */
export interface Reading {
  readonly settings: Settings;
  readonly budget: ReadingBudget;
  readonly findings: Findings;
}

/** URLs of these schemes are found however many slashes they have. */
const webSchemes: ReadonlySet<string> = new Set(['http', 'https']);
/** Schemes of which user information is an access key, whatever the host. */
const keySchemes: ReadonlySet<string> = new Set(['aws']);

/**
 * Finds buckets and keys inside texts. Texts are searched as written, and variables are replaced only
 * inside of what was found: padding with long variables hides nothing, and a long script costs little.
 */
export class TextReader {
  readonly #settings: Settings;
  readonly #budget: ReadingBudget;
  readonly #findings: Findings;
  readonly #isKnownScheme: (scheme: string) => boolean;

  constructor({ settings, budget, findings }: Reading) {
    this.#settings = settings;
    this.#budget = budget;
    this.#findings = findings;
    const { schemes } = settings.detection;
    this.#isKnownScheme = (scheme) => schemes.has(scheme) || webSchemes.has(scheme);
  }

  /** URIs and ARNs, in any text. */
  readText(text: string, place: Place): void {
    // Once there is too much, more is not looked at: reading takes time, too.
    if (!text.includes(':') || !this.#settings.isWorthReading(text) || this.isSpent(place)) return;
    const search = { isKnown: this.#isKnownScheme, budget: this.#budget };
    for (const uri of findUris(text, search)) this.#readUriText(uri, place);
    for (const path of findArns(text, this.#budget)) this.readName(path, place);
    // In a single word a backslash is no escape, and URL parsers take it for a slash.
    if (text.includes('\\') && !/[\s"'`]/.test(text)) {
      this.readText(text.replaceAll('\\', '/'), place);
    }
    this.isSpent(place);
  }

  /** Also URLs without a scheme, and keys: in a value or an argument, which may be a script. */
  readWord(text: string, place: Place): void {
    if (!this.#settings.isWorthReading(text)) return;
    this.readText(text, place);
    if (this.isSpent(place) || !/[/\\=$]|configure/.test(text)) return;
    const joined = withoutLineBreaks(text);
    if (joined !== undefined) this.readText(joined, place);
    const search = { mention: this.#settings.storage.mention, budget: this.#budget };
    for (const url of findBareUrls(text, search)) this.#readBareUrl(url, place);
    for (const key of findStaticKeys(text, place.variables)) {
      this.#findings.addKey({ kind: 'assignment', path: place.path, ...key });
    }
    if (place.variables !== undefined) this.#readVariableWords(text, place.variables, place);
    this.isSpent(place);
  }

  /** A bucket, or a bucket with a key, in which variables are replaced. */
  readName(text: string, place: Place): void {
    const named = bucketOfPath(this.expand(text, place));
    if (named !== undefined) this.#findings.add(named, place.path);
  }

  /** Replaces what a shell would; "" when the result is too long. */
  expand(text: string, { path, variables }: Place): string {
    if (variables === undefined || !text.includes('$')) return text;
    const expanded = expandShellVariables(text, variables, this.#budget);
    if (expanded === undefined) this.#findings.addUnread('expansion', path);
    return expanded ?? '';
  }

  #readUriText(uri: UriText, place: Place): void {
    if (uri.text.includes('$') && place.variables !== undefined) {
      if (uri.isCut) this.#findings.addUnread('length', place.path);
      const expanded = this.expand(uri.text, place);
      if (expanded !== uri.text) {
        this.readText(expanded, { path: place.path });
        return;
      }
    }
    if (uri.scheme === '') return;
    for (const parts of readUri(uri)) this.#readUri(parts, { uri, path: place.path });
  }

  #readUri(
    parts: BucketUri,
    { uri, path }: { readonly uri: UriText; readonly path: FieldPath },
  ): void {
    const { storage, detection } = this.#settings;
    if (isUnusualHost(parts.host)) this.#budget.stepsLeft -= limits.stepsOfUnusualHost;
    const isS3 = detection.schemes.has(parts.scheme);
    const isStore = readStoreHost(storage, parts.host) !== undefined;
    if (uri.isCut && (isS3 || isStore || parts.path === '')) {
      this.#findings.addUnread('length', path);
      return;
    }
    const found = bucketsOfUri(parts, this.#settings);
    for (const named of found) this.#findings.add(named, path);
    if (isStore && found.length === 0 && uri.endsAtEscape) this.#findings.addUnknown(path);
    if (hasKeys(parts, { isStore, isKeyScheme: isS3 || keySchemes.has(parts.scheme) })) {
      this.#findings.addKey({ kind: 'url', path });
    }
  }

  #readBareUrl(url: BareUrl, place: Place): void {
    const { path } = place;
    if (url.isCut) this.#findings.addUnread('length', path);
    const host = this.expand(url.host, place);
    if (isUnusualHost(host)) this.#budget.stepsLeft -= limits.stepsOfUnusualHost;
    const expanded = { ...url, host, path: this.expand(url.path, place) };
    const found = bucketsAtEndpoint(expanded, this.#settings);
    for (const named of found) this.#findings.add(named, path);
    if (found.length > 0 && hasKeys(url, { isStore: true, isKeyScheme: false })) {
      this.#findings.addKey({ kind: 'url', path });
    }
  }

  /** "$ENDPOINT/bucket/key", where only the environment shows that it leads to the store. */
  #readVariableWords(text: string, variables: Variables, { path }: Place): void {
    const { mention } = this.#settings.storage;
    const search = { variables, mention, budget: this.#budget };
    for (const word of findWordsOfVariables(text, search)) {
      const expanded = this.expand(word, { path, variables });
      this.readText(expanded, { path });
      for (const url of findBareUrls(expanded, { mention, budget: this.#budget })) {
        this.#readBareUrl(url, { path });
      }
    }
  }

  /** Takes what a text costs; false when it is not to be read, which is noted. */
  canRead(text: string, place: Place): boolean {
    this.#budget.stepsLeft -= limits.stepsOfWord + text.length / limits.charactersPerStep;
    return !this.isSpent(place);
  }

  /** True when there is nothing left to spend, which is noted. */
  isSpent({ path }: Place): boolean {
    if (this.#budget.stepsLeft < 0) this.#findings.addUnread('steps', path);
    const cause = this.#findings.unread?.cause;
    return cause === 'steps' || cause === 'references';
  }
}

/** A colon separates key and secret; a variable in its place holds both. */
function hasKeys(
  { userInfo }: Pick<BucketUri, 'userInfo'>,
  { isStore, isKeyScheme }: { readonly isStore: boolean; readonly isKeyScheme: boolean },
): boolean {
  if (userInfo === undefined || userInfo === '') return false;
  if (userInfo.includes(':')) return isStore || isKeyScheme;
  return isStore && hasVariable(userInfo);
}
