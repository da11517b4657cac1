import type { ReadingBudget } from './reading-budget.ts';

/** Parts of a script that name no bucket of the store. */
export interface ScriptParts {
  /** The script without its comments. */
  readonly code: string;
  /** The same without the commands of programs whose flags mean something else. */
  readonly commands: string;
}

/** How to read it. */
interface Reading {
  readonly otherPrograms: ReadonlySet<string>;
  readonly budget: ReadingBudget;
}

/** A stretch of the script. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Takes comments and commands of `otherPrograms` out of a script for a POSIX shell. Only what is certain
 * is taken out, because what is not read is allowed: a script with a here-document, a backquote or an
 * open quote comes back whole.
 */
export function readScript(script: string, { otherPrograms, budget }: Reading): ScriptParts {
  const whole = { code: script, commands: script };
  if (!script.includes('#') && !mentions(script, otherPrograms)) return whole;
  const lexer = new Lexer(script);
  const isCertain = lexer.read();
  budget.stepsLeft -= lexer.steps;
  if (!isCertain) return whole;
  const code = without(script, lexer.comments);
  const others = lexer.commands.filter(({ start, end }) =>
    otherPrograms.has(programOf(script.slice(start, end))),
  );
  return { code, commands: without(script, [...lexer.comments, ...others]) };
}

/** The name of the program that a simple command starts, without its folder; "" when it is not clear. */
export function programOf(command: string): string {
  // Shells divide words at these three alone: any other space is part of a name.
  const words = command.slice(0, 1_024).split(/[ \t\n]+/, 16);
  const first =
    words.find((word) => word !== '' && !/^\w+=[\w./:-]*$/.test(word) && !leadingWords.has(word)) ??
    '';
  return /^[\w./-]+$/.test(first) ? (first.split('/').at(-1) ?? '') : '';
}

/** Words that come before a program and change nothing about what its flags mean. */
const leadingWords = new Set([
  '!',
  '{',
  'then',
  'do',
  'else',
  'if',
  'while',
  'until',
  'exec',
  'time',
]);

function mentions(script: string, names: ReadonlySet<string>): boolean {
  for (const name of names) if (script.includes(name)) return true;
  return false;
}

function without(script: string, ranges: readonly Range[]): string {
  let text = '';
  let at = 0;
  for (const { start, end } of [...ranges].sort((one, other) => one.start - other.start)) {
    if (start < at) continue;
    text += `${script.slice(at, start)} `;
    at = end;
  }
  return text + script.slice(at);
}

/** Quotes, dollars and the like in one script; longer ones come back whole. */
const maxSteps = 25_000;

/** What a character is inside of: double quotes, "$(" or "(", and "${". */
type Context = 'quotes' | 'parentheses' | 'braces';

/** Reads quoting as POSIX says (Shell Command Language §2.2, §2.3). */
class Lexer {
  readonly comments: Range[] = [];
  /** Simple commands at the top that hold no others. */
  readonly commands: Range[] = [];
  steps = 0;
  readonly #script: string;
  readonly #contexts: Context[] = [];
  #at = 0;
  #commandStart = 0;
  #isSimple = true;
  /** Behind the last character that a backslash made ordinary. */
  #escapeEnd = -1;

  constructor(script: string) {
    this.#script = script;
  }

  /** False when something in the script is beyond this reading. */
  read(): boolean {
    if (/<<|`|\$["']|\$\(\(|\besac\b/.test(this.#script)) return false;
    const special = /[\\"'$#(){};&|\n]/g;
    while (this.#at < this.#script.length) {
      if (++this.steps > maxSteps) return false;
      special.lastIndex = this.#at;
      this.#at = special.exec(this.#script)?.index ?? this.#script.length;
      if (this.#at < this.#script.length && !this.#step(this.#script.charAt(this.#at)))
        return false;
    }
    this.#endCommand(this.#at);
    return this.#contexts.length === 0;
  }

  #step(character: string): boolean {
    const context = this.#contexts.at(-1);
    if (character === '\\') {
      this.#escapeEnd = this.#at + 2;
      return this.#move(2);
    }
    if (character === '$') return this.#readDollar();
    if (context === 'quotes') return character === '"' ? this.#leave() : this.#move(1);
    if (context === 'braces') return this.#stepInBraces(character);
    return this.#stepInCode(character);
  }

  /** Quotes inside braces mean different things in different shells. */
  #stepInBraces(character: string): boolean {
    if (character === '}') return this.#leave();
    return character !== '"' && character !== "'" && this.#move(1);
  }

  #stepInCode(character: string): boolean {
    switch (character) {
      case '"':
        return this.#enter('quotes', 1);
      case "'":
        return this.#moveBehind(this.#script.indexOf("'", this.#at + 1));
      case '(':
        return this.#enter('parentheses', 1);
      case ')':
        return this.#contexts.at(-1) === 'parentheses' && this.#leave();
      case '#':
        return this.#readComment();
      case ';':
      case '&':
      case '|':
      case '\n':
        this.#endCommand(this.#at);
        return this.#move(1);
      default:
        return this.#move(1);
    }
  }

  #readDollar(): boolean {
    const next = this.#script.charAt(this.#at + 1);
    if (next === '(') return this.#enter('parentheses', 2);
    return next === '{' ? this.#enter('braces', 2) : this.#move(next === '#' ? 2 : 1);
  }

  #readComment(): boolean {
    const before = this.#script.charAt(this.#at - 1);
    const isAtWordStart = before === '' || /[ \t\n;&|(]/.test(before);
    if (!isAtWordStart || this.#at === this.#escapeEnd) return this.#move(1);
    const newline = this.#script.indexOf('\n', this.#at);
    const end = newline === -1 ? this.#script.length : newline;
    this.comments.push({ start: this.#at, end });
    this.#at = end;
    return true;
  }

  #endCommand(end: number): void {
    if (this.#contexts.length > 0) return;
    if (this.#isSimple && end > this.#commandStart) {
      this.commands.push({ start: this.#commandStart, end });
    }
    this.#commandStart = end + 1;
    this.#isSimple = true;
  }

  #enter(context: Context, length: number): boolean {
    if (context === 'parentheses') this.#isSimple = false;
    this.#contexts.push(context);
    return this.#move(length);
  }

  #leave(): boolean {
    this.#contexts.pop();
    return this.#move(1);
  }

  #move(length: number): boolean {
    this.#at += length;
    return true;
  }

  #moveBehind(index: number): boolean {
    this.#at = index + 1;
    return index !== -1;
  }
}
