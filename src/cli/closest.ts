/** A typing error is rarely further off than this. */
const maxDistance = 4;

/** The name most like the one written; undefined when none is near. */
export function closest(written: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, distance: isPart(written, name) ? 1 : editDistance(written, name) }))
    .sort((one, other) => one.distance - other.distance);
  return best !== undefined && best.distance <= maxDistance ? best.name : undefined;
}

/** "wildcard" is meant for "service-entry-wildcard-host". */
function isPart(written: string, name: string): boolean {
  return written.length >= 4 && name.includes(written);
}

/** Levenshtein's distance: how many characters must be inserted, deleted or replaced. */
function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      current.push(
        Math.min(
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (previous[column - 1] ?? 0) + (isSame ? 0 : 1),
        ),
      );
    }
    previous = current;
  }
  return previous[other.length] ?? 0;
}
