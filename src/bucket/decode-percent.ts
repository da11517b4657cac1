/** Decodes one escape after the other, as far as they are valid: a bad one protects no other. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      // Not UTF-8 as a whole; what is ASCII is certain.
      return escapes.replace(/%[0-7][0-9a-f]/gi, (escape) =>
        String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
      );
    }
  });
}
