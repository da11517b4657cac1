import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Node,
} from 'yaml';
import type { FieldPath } from '../admission/field-path.ts';
import { isRecord, listOf } from '../admission/json.ts';
import type { FileProblem } from '../errors.ts';

/** Lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One object of a file, with a way back to where each of its fields stands. */
export interface ManifestObject {
  readonly file: string;
  readonly value: unknown;
  /** Where the field is; for a missing field, where its nearest existing parent is. */
  positionOf(path: FieldPath): Position;
}

export interface ManifestFile {
  readonly objects: readonly ManifestObject[];
  readonly problems: readonly FileProblem[];
}

/** Aliases a document may expand to; the YAML library's own default against "billion laughs". */
const maxAliasCount = 100;

/**
 * Reads every object of a YAML or JSON text: several documents, empty ones skipped, `List` objects
 * taken apart. What cannot be read comes back as problems; the rest of the file is still usable.
 */
export function readManifest(file: string, text: string): ManifestFile {
  const lines = new LineCounter();
  const objects: ManifestObject[] = [];
  const problems: FileProblem[] = [];
  for (const document of parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })) {
    const at = (offset: number): Position => positionAt(lines, offset);
    if (document.errors.length > 0) {
      for (const { pos, message } of document.errors) {
        problems.push({ file, ...at(pos[0]), path: '', message: firstLine(message) });
      }
      continue;
    }
    const root: Node | null = document.contents;
    if (root === null || (isScalar(root) && root.value === null)) continue;
    try {
      const value: unknown = document.toJS({ maxAliasCount });
      objects.push(...takeApart({ file, value, positionOf: (path) => at(offsetOf(root, path)) }));
    } catch (error) {
      const message = error instanceof Error ? firstLine(error.message) : String(error);
      problems.push({ file, ...at(root.range?.[0] ?? 0), path: '', message });
    }
  }
  return { objects, problems };
}

/** `kind: List` and every `…List` with items is the objects in it, as kubectl takes it. */
function takeApart(object: ManifestObject): ManifestObject[] {
  const { value } = object;
  if (!isRecord(value) || !String(value['kind']).endsWith('List') || !('items' in value)) {
    return [object];
  }
  return listOf(value['items']).flatMap((item, index) =>
    takeApart({
      file: object.file,
      value: item,
      positionOf: (path) => object.positionOf(['items', index, ...path]),
    }),
  );
}

/** Offset of the value at `path`; of its key when the value is a whole block below it. */
function offsetOf(root: Node, path: FieldPath): number {
  let node: unknown = root;
  let offset = root.range?.[0] ?? 0;
  for (const segment of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        ({ key }) => isScalar(key) && String(key.value) === String(segment),
      );
      if (!isPair(pair) || !isScalar(pair.key)) break;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof segment === 'number') {
      node = node.items[segment];
    } else {
      break;
    }
    if (isAlias(node)) break;
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.range) offset = node.range[0];
  }
  return offset;
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}
