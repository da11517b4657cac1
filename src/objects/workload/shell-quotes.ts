/** Quotes or a backslash in the middle of a word; "\n", "\r" and "\t" are escapes of programs. */
const joint = /[\w:/.$}-](?:["']{1,8}|\\(?![nrt\r\n]))[\w:/.$-]/;

/**
 * A script as its words read once a shell has removed the quotes: "--buc''ket" is "--bucket". Undefined
 * where no quotes are inside of words, so that reading the script once is enough.
 */
export function withoutQuotes(script: string): string | undefined {
  return joint.test(script) ? script.replace(/\$?["']|\\(?![nrt\r\n])/g, '') : undefined;
}

/** Not those before another URL or an assignment. */
const lineBreaks = /[\t\r\n]+(?![\w.+-]{0,64}(?::[/\\]|=))/g;

/**
 * A single word as URL parsers read it, which remove tabs and line breaks. Undefined when there are none,
 * or when the text is not a web address alone.
 */
export function withoutLineBreaks(text: string): string | undefined {
  if (!/[\t\r\n]/.test(text) || text.includes(' ') || !/https?:/i.test(text)) return undefined;
  return text.replace(lineBreaks, '');
}
