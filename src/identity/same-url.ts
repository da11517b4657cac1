/**
 * One spelling for URLs that every client reads alike: "HTTPS://Store:443/" and "https://store" are one
 * endpoint. Undefined for a text that programs could read differently from each other.
 */
export function canonicalUrl(text: string): string | undefined {
  if (!plainUrl.test(text) || text.includes('/.')) return undefined;
  try {
    return new URL(text).href;
  } catch {
    return undefined;
  }
}

/** No user, query, fragment, escape or backslash; a slash after a path that is more than "/" matters. */
const plainUrl = /^https?:\/\/[\w.:[\]-]+(\/[\w./~-]*)?$/i;
