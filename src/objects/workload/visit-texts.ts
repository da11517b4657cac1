import type { FieldPath } from '../../admission/field-path.ts';
import { isRecord } from '../../admission/json.ts';

interface Visitor {
  /** Members of the root that are read elsewhere. */
  readonly skip: ReadonlySet<string>;
  readonly visit: (text: string, path: FieldPath) => void;
}

/** The beginning of what a URI or ARN has behind its scheme. */
const mark = /:(?:[/\\]|s3:::)/;

/**
 * Calls back for every string below `root` that could hold a URI or an ARN. Paths are built only for those,
 * because nearly all of a pod's strings are something else.
 */
export function visitTexts(root: object, rootPath: FieldPath, { skip, visit }: Visitor): void {
  const trail: (string | number)[] = [...rootPath];
  const lookAt = (value: unknown, key: string | number): void => {
    if (typeof value === 'string') {
      // Searching for one character is much cheaper, and most strings have no colon.
      if (value.includes(':') && mark.test(value)) visit(value, [...trail, key]);
    } else if (typeof value === 'object' && value !== null) {
      trail.push(key);
      lookInside(value);
      trail.pop();
    }
  };
  const lookInside = (node: object): void => {
    if (Array.isArray(node)) {
      for (let index = 0; index < node.length; index++) lookAt(node[index], index);
    } else if (isRecord(node)) {
      for (const key in node) lookAt(node[key], key);
    }
  };
  if (!isRecord(root)) return;
  for (const key in root) if (!skip.has(key)) lookAt(root[key], key);
}
