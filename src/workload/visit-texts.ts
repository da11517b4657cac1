import type { FieldPath } from '../admission/field-path.ts';

interface Visitor {
  /** Members of the root that somebody else reads. */
  readonly skip: ReadonlySet<string>;
  readonly visit: (text: string, path: FieldPath) => void;
}

/**
 * Calls back for every string below `root`. The path is built only for texts that could hold a URI,
 * because nearly all of a pod's strings do not.
 */
export function visitTexts(root: object, rootPath: FieldPath, { skip, visit }: Visitor): void {
  const trail: (string | number)[] = [...rootPath];
  const walk = (node: unknown): void => {
    if (typeof node === 'string') {
      if (node.includes('://')) visit(node, [...trail]);
    } else if (Array.isArray(node)) {
      for (let index = 0; index < node.length; index++) {
        trail.push(index);
        walk(node[index]);
        trail.pop();
      }
    } else if (typeof node === 'object' && node !== null) {
      for (const [key, value] of Object.entries(node)) {
        trail.push(key);
        walk(value);
        trail.pop();
      }
    }
  };
  for (const [key, value] of Object.entries(root)) {
    if (skip.has(key)) continue;
    trail.push(key);
    walk(value);
    trail.pop();
  }
}
