import { distance } from 'fastest-levenshtein';

/** A typing error is rarely further off than this. */
const maxDistance = 4;

/** The name most like the one written; undefined when none is near. */
export function closest(written: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, steps: isPart(written, name) ? 1 : distance(written, name) }))
    .sort((one, other) => one.steps - other.steps);
  return best !== undefined && best.steps <= maxDistance ? best.name : undefined;
}

/** "wildcard" is meant for "service-entry-wildcard-host". */
function isPart(written: string, name: string): boolean {
  return written.length >= 4 && name.includes(written);
}
