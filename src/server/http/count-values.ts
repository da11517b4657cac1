const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const openBrace = 0x7b;

/**
 * True when a JSON text has more values than `most`, give or take one per list and object. Parsed, a value
 * of two characters takes more than fifty bytes, so the length of a text does not bound what it becomes.
 */
export function hasMoreValuesThan(most: number, json: string): boolean {
  // Every value but the last is followed by one character at least.
  if (json.length < most * 2) return false;
  let count = 0;
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case quote:
        at = endOfText(json, at);
        if (at === -1) return false;
        break;
      case comma:
      case openBracket:
      case openBrace:
        count += 1;
        if (count > most) return true;
    }
  }
  return false;
}

/** Position of the quote that ends the text which begins at `start`; -1 when there is none. */
function endOfText(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let first = end;
    while (json.charCodeAt(first - 1) === backslash) first--;
    if ((end - first) % 2 === 0) return end;
  }
  return -1;
}
