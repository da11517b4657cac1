/** A fenced block of commands in a Markdown page, and what the page says about running it. */
export interface Block {
  readonly page: string;
  /** The line of the page on which its first command is. */
  readonly line: number;
  /** `sh` is commands only; `console` is commands after "$ ", each followed by what it prints. */
  readonly kind: 'sh' | 'console';
  readonly text: string;
  readonly note: Note;
}

/** From the HTML comment on the line before the block. */
export type Note =
  | { readonly kind: 'none' }
  /** `<!-- not run: needs Docker -->` */
  | { readonly kind: 'skip'; readonly reason: string }
  /** `<!-- run until: listening -->`: the block does not end by itself; it is stopped at this text. */
  | { readonly kind: 'until'; readonly text: string };

/** Thrown for a page that this script cannot follow; the message begins with file and line. */
export class MarkupError extends Error {
  override readonly name = 'MarkupError';
}

/** A fenced block, in a list perhaps. */
const fenced = /^(?<indent> *)```(?<language>\S*).*\n(?<body>[^]*?)^ *```$/gm;
const comment = /^ *<!-- (?<verb>not run|run until): (?<text>.+?) -->$/;

/** Languages in which commands could hide from us. */
const unclear = new Set(['bash', 'shell', 'shell-session', 'zsh', 'ps1', 'powershell']);

/**
 * The blocks of a page that hold commands.
 * @throws MarkupError for a block in a language that hides commands, or a note that belongs to no block
 */
export function readBlocks(page: string, markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let end = 0;
  for (const match of markdown.matchAll(fenced)) {
    const { indent = '', language = '', body = '' } = match.groups ?? {};
    const line = lineAt(markdown, match.index);
    const note = noteBefore(page, { markdown, from: end, to: match.index });
    end = match.index + match[0].length;
    const kind = kindOf(language, `${page}:${line}`);
    if (kind !== undefined) {
      const text = body.trimEnd().replaceAll(new RegExp(`^${indent}`, 'gm'), '');
      blocks.push({ page, line: line + 1, kind, text, note: note?.note ?? noNote });
    } else if (note) throw strayNote(page, note.line);
  }
  const stray = noteBefore(page, { markdown, from: end, to: markdown.length });
  if (stray) throw strayNote(page, stray.line);
  return blocks;
}

function kindOf(language: string, place: string): Block['kind'] | undefined {
  if (unclear.has(language)) {
    throw new MarkupError(`${place}: write \`\`\`sh or \`\`\`console, not ${language}`);
  }
  return language === 'sh' || language === 'console' ? language : undefined;
}

const noNote: Note = { kind: 'none' };

/** The note on the last line before a block; every other note between two blocks is a mistake. */
function noteBefore(
  page: string,
  { markdown, from, to }: { readonly markdown: string; readonly from: number; readonly to: number },
): { readonly note: Note; readonly line: number } | undefined {
  const lines = markdown.slice(from, to).trimEnd().split('\n');
  const notes = lines.flatMap((text, index) => {
    const note = noteOf(text);
    return note ? [{ note, index, line: lineAt(markdown, from) + index }] : [];
  });
  const early = notes.find(({ index }) => index < lines.length - 1);
  if (early) throw strayNote(page, early.line);
  return notes.at(-1);
}

function noteOf(line: string): Note | undefined {
  const { verb, text = '' } = comment.exec(line)?.groups ?? {};
  if (verb === undefined) return undefined;
  return verb === 'not run' ? { kind: 'skip', reason: text } : { kind: 'until', text };
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function strayNote(page: string, line: number): MarkupError {
  return new MarkupError(`${page}:${line}: this note is not followed by a block of commands`);
}

/** One command of a `console` block, and what the page says it prints. */
export interface Session {
  readonly line: number;
  readonly command: string;
  readonly expected: string;
}

/** The commands of a `console` block; a command goes on in lines that begin with "> ". */
export function sessionsOf(block: Block): readonly Session[] {
  const sessions: { line: number; command: string; output: string[] }[] = [];
  for (const [index, line] of block.text.split('\n').entries()) {
    const last = sessions.at(-1);
    if (line.startsWith('$ ')) {
      sessions.push({ line: block.line + index, command: line.slice(2), output: [] });
    } else if (last === undefined) {
      throw new MarkupError(`${block.page}:${block.line + index}: a command begins with "$ "`);
    } else if (line.startsWith('> ') && last.output.length === 0) {
      last.command += `\n${line.slice(2)}`;
    } else {
      last.output.push(line);
    }
  }
  return sessions.map(({ output, ...session }) => ({ ...session, expected: output.join('\n') }));
}
