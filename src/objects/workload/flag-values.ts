/** A value that follows a flag, and the word of the command line it was found in. */
interface FlagValue {
  readonly index: number;
  readonly text: string;
}

/**
 * Values of the given flags in a command line: "--bucket=x", "--bucket", "x", and both forms inside
 * one word that is a shell script.
 */
export function flagValues(words: readonly string[], flags: ReadonlySet<string>): FlagValue[] {
  const found: FlagValue[] = [];
  words.forEach((word, index) => {
    // Every flag begins with a dash, and most words of most command lines have none.
    if (!word.includes('-')) return;
    const inside = splitShell(word);
    for (const [at, part] of inside.entries()) {
      if (!part.startsWith('-')) continue;
      const equals = part.indexOf('=');
      if (equals !== -1 && flags.has(part.slice(0, equals))) {
        found.push({ index, text: part.slice(equals + 1) });
      } else if (flags.has(part)) {
        const isLast = at === inside.length - 1;
        const next = isLast ? words[index + 1] : inside[at + 1];
        if (next !== undefined) found.push({ index: isLast ? index + 1 : index, text: next });
      }
    }
  });
  return found;
}

/** Words of a script; good enough to find flags, not a shell. */
function splitShell(text: string): readonly string[] {
  if (!/[\s;|&]/.test(text)) return [text];
  return text.split(/[\s;|&]+/).map((word) => word.replace(/["'`]/g, ''));
}
