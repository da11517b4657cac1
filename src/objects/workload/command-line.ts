import type { FieldPath } from '../../admission/field-path.ts';
import { limits } from '../../limits.ts';
import { expandVariables } from './expansion.ts';
import { findFlagValues } from './flag-values.ts';
import { withoutQuotes } from './shell-quotes.ts';
import { programOf, readScript, type ScriptParts } from './shell-script.ts';
import { holdsMcCommandWithKeys, isMcCommandWithKeys } from './mc-keys.ts';
import { mayFit } from './reading-budget.ts';
import { keyIndexOfAwsConfigure } from './static-keys.ts';
import type { Place, Reading, TextReader } from './text-reader.ts';

/** The words of a command line as the object holds them. */
export interface CommandLine {
  readonly words: readonly unknown[];
  readonly placeOf: (index: number) => FieldPath;
  readonly variables: NonNullable<Place['variables']>;
  /** True for `command` and `args`, in which the kubelet replaces `$(NAME)`; it does not in probes. */
  readonly isExpanded: boolean;
}

/** Programs whose `--bucket` is not a bucket of the store. */
const otherPrograms: ReadonlySet<string> = new Set(
  ['cbbackupmgr', 'cbc', 'cbexport', 'cbimport', 'cbq', 'couchbase-cli', 'couchbase-server'].concat(
    ['influx', 'influxd', 'nats', 'nats-server', 'telegraf'],
  ),
);

const shells: ReadonlySet<string> = new Set(['ash', 'bash', 'dash', 'ksh', 'sh']);

/** Every URL, flag, assignment and script has one of these. */
const mayName = /[:/\\=\s-]/;

/** Finds the buckets and keys of command lines: in URLs, after flags, in assignments. */
export class CommandLineReader {
  readonly #reading: Reading;
  readonly #reader: TextReader;

  constructor(reading: Reading, reader: TextReader) {
    this.#reading = reading;
    this.#reader = reader;
  }

  read(line: CommandLine): void {
    if (line.words.length === 0) return;
    const words = this.#expandWords(line);
    const [first = ''] = words;
    // The kernel takes the first word for a path, spaces included.
    const program = /\s/.test(first) ? '' : programOf(first);
    const script = scriptIndex(words);
    const found = { line, words, isOther: otherPrograms.has(program) };
    for (const [index, word] of words.entries()) {
      if (!mayName.test(word)) continue;
      const place = { path: line.placeOf(index), variables: line.variables };
      if (!this.#reader.canRead(word, place)) return;
      if (index === script) this.#readScript(shells.has(program), { ...found, index });
      else this.#readParts({ code: word, commands: word }, { ...found, index });
    }
    this.#readProgram(line, words);
  }

  /** Keys that are words of their own. */
  #readProgram({ placeOf }: CommandLine, words: readonly string[]): void {
    const { findings } = this.#reading;
    if (isMcCommandWithKeys(words)) findings.addKey({ kind: 'mc', path: placeOf(0) });
    const key = keyIndexOfAwsConfigure(words);
    if (key === -1) return;
    const name = words[key - 1] ?? '';
    findings.addKey({ kind: 'assignment', path: placeOf(key), name, isLiteral: true });
  }

  /** "tini -- sh -c" runs a shell as well; where nothing does, comments stay, and quotes join words all the same. */
  #readScript(isCertain: boolean, found: FoundWord): void {
    const { line, words, index } = found;
    const script = words[index] ?? '';
    const { budget } = this.#reading;
    const parts = isCertain
      ? readScript(script, { otherPrograms, budget })
      : { code: script, commands: script };
    this.#readParts(parts, found);
    const code = withoutQuotes(parts.code);
    const place = { path: line.placeOf(index), variables: line.variables };
    if (code === undefined || !this.#reader.canRead(code, place)) return;
    const commands = withoutQuotes(parts.commands) ?? parts.commands;
    this.#readParts({ code, commands }, found);
  }

  #readParts({ code, commands }: ScriptParts, found: FoundWord): void {
    const { line, index, isOther } = found;
    const { budget, findings } = this.#reading;
    const place = { path: line.placeOf(index), variables: line.variables };
    this.#reader.readWord(joinLines(code), place);
    if (holdsMcCommandWithKeys(code, budget)) findings.addKey({ kind: 'mc', path: place.path });
    if (!isOther) this.#readFlags(joinLines(commands), found);
  }

  /** The words as the program gets them; "" for what is not a text, or too long. */
  #expandWords({ words, placeOf, variables, isExpanded }: CommandLine): string[] {
    const { budget, findings } = this.#reading;
    return words.map((word, index) => {
      if (typeof word !== 'string') return '';
      if (!mayFit(word, budget)) {
        findings.addUnread('steps', placeOf(index));
        return '';
      }
      if (!isExpanded) return word;
      const expanded = expandVariables(word, variables, budget);
      if (expanded !== undefined) return expanded;
      findings.addUnread('expansion', placeOf(index));
      // What is written out can be searched all the same.
      return word;
    });
  }

  #readFlags(text: string, { line, words, index }: FoundWord): void {
    const { settings, budget, findings } = this.#reading;
    const { placeOf, variables } = line;
    const search = { flags: settings.detection.flags, budget };
    for (const { text: value, isCut } of findFlagValues(text, search)) {
      const at = value === undefined ? index + 1 : index;
      const named = value ?? words[at] ?? '';
      if (isCut) findings.addUnread('length', placeOf(at));
      // Words with a URI have been read above.
      if (named !== '' && !named.includes('://')) {
        this.readNames(named, { path: placeOf(at), variables });
      }
    }
    if (budget.stepsLeft < 0) findings.addUnread('steps', placeOf(index));
  }

  /** A value known to be a bucket, a bucket with a key, or a list of them. */
  readNames(text: string, place: Place): void {
    // Nearly always it is just a name.
    if (/^[\w.-]{1,255}$/.test(text) && text !== 'true' && text !== 'false') {
      this.#reader.readName(text, place);
      return;
    }
    const expanded = this.#reader.expand(text, place);
    if (expanded.includes('://') || expanded.includes(':s3:::')) {
      this.#reader.readText(expanded, { path: place.path });
      return;
    }
    for (const [part] of expanded.matchAll(/[^\s,]+/g)) {
      this.#reading.budget.stepsLeft -= limits.stepsOfWord;
      if (this.#reader.isSpent(place)) return;
      const name = part.replace(/["'`]/g, '');
      if (name !== 'true' && name !== 'false') this.#reader.readName(name, { path: place.path });
    }
  }
}

interface FoundWord {
  readonly line: CommandLine;
  readonly words: readonly string[];
  readonly index: number;
  /** The command line starts one of `otherPrograms`. */
  readonly isOther: boolean;
}

/** Which word is the script of "sh -c": the first after the options; -1 without any. */
function scriptIndex(words: readonly string[]): number {
  const option = words.findIndex((word) => /^-[a-z]{0,8}c[a-z]{0,8}$/.test(word));
  if (option === -1) return -1;
  return words.findIndex((word, index) => index > option && !/^[-+]/.test(word));
}

/** A shell takes a backslash at the end of a line, and the line break, for nothing. */
function joinLines(script: string): string {
  return script.includes('\\') ? script.replace(/\\\r?\n/g, '') : script;
}
