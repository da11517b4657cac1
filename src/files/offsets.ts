import { isAlias, isMap, isScalar, isSeq, visit, type Document, type Node } from 'yaml';
import type { FieldPath } from '../admission/field-path.ts';

/**
 * Offset of the value at `path`, or of its key when the value is a block that starts below it. For a
 * missing field it is the offset of the nearest parent that exists.
 */
export function offsetOf(root: Node, path: FieldPath): number {
  let node: unknown = root;
  let offset = root.range?.[0] ?? 0;
  for (const segment of path) {
    const step = stepInto(node, segment);
    if (step === undefined) return offset;
    offset = step.offset ?? offset;
    node = step.node;
  }
  return offset;
}

/** Offset of the first alias without an anchor before it. */
export function offsetOfUnresolvedAlias(document: Document): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      offset = alias.range?.[0];
      return visit.BREAK;
    },
  });
  return offset;
}

/** Offset of the first number that JSON cannot express: ".inf", ".nan", "1e999". */
export function offsetOfInfinity(document: Document): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Scalar(_key, { value, range }) {
      if (typeof value !== 'number' || Number.isFinite(value)) return undefined;
      offset = range?.[0];
      return visit.BREAK;
    },
  });
  return offset;
}

function stepInto(
  node: unknown,
  segment: string | number,
): { readonly node: unknown; readonly offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(
      ({ key }) => isScalar(key) && String(key.value) === String(segment),
    );
    if (pair === undefined || !isScalar(pair.key)) return undefined;
    const keyOffset = pair.key.range?.[0];
    return {
      node: pair.value,
      offset: isBlock(pair.value) ? keyOffset : (startOf(pair.value) ?? keyOffset),
    };
  }
  if (isSeq(node) && typeof segment === 'number' && segment < node.items.length) {
    const item = node.items[segment];
    return { node: item, offset: startOf(item) };
  }
  return undefined;
}

function isBlock(node: unknown): boolean {
  return (isMap(node) || isSeq(node)) && node.flow !== true;
}

function startOf(node: unknown): number | undefined {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0];
  return undefined;
}
