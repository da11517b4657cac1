import { limits } from '../limits.ts';

/** Where in an object something is: keys and list indexes from the root. */
export type FieldPath = readonly (string | number)[];

const plainKey = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/**
 * `spec.containers[0].env[1].value`; keys that are not plain words come quoted in brackets. Of a key
 * that is longer than Kubernetes allows, only the beginning is shown.
 */
export function formatPath(path: FieldPath): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (segment.length > limits.maxKeyCharacters || !plainKey.test(segment)) {
      text += `[${JSON.stringify(shorten(segment))}]`;
    } else text += text === '' ? segment : `.${segment}`;
  }
  return text;
}

function shorten(key: string): string {
  const { maxKeyCharacters } = limits;
  return key.length <= maxKeyCharacters ? key : `${key.slice(0, maxKeyCharacters)}…`;
}

/**
 * The path with its list indexes dropped. Two violations at the same place are the same violation
 * even when an entry was inserted before them.
 */
export function pathWithoutIndexes(path: FieldPath): string {
  return path.map((segment) => (typeof segment === 'number' ? '[]' : segment)).join('\u0000');
}
