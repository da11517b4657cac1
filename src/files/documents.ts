import { isScalar, LineCounter, parseAllDocuments, type Document, type Node } from 'yaml';
import type { FieldPath } from '../admission/field-path.ts';
import { isDeeperThan, isRecord, textOf } from '../admission/json.ts';
import { limits } from '../limits.ts';
import type { FileProblem } from '../errors.ts';
import { offsetOf, offsetOfInfinity, offsetOfUnresolvedAlias } from './offsets.ts';

/** Lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One object of a file, with the position of each of its fields. */
export interface ManifestObject {
  readonly file: string;
  readonly value: unknown;
  /** Where the field is; for a missing field, where its nearest existing parent is. */
  readonly positionOf: (path: FieldPath) => Position;
}

export interface ManifestFile {
  readonly objects: readonly ManifestObject[];
  readonly problems: readonly FileProblem[];
}

/** Aliases a document may expand to; the YAML library's own default against "billion laughs". */
const maxAliasCount = 100;

/**
 * Reads every object of a YAML or JSON text: several documents, empty ones skipped, lists taken
 * apart. What cannot be read comes back as problems, of the syntax only the first, because the rest
 * follows from it; the other documents of the file are still usable.
 */
export function readManifest(file: string, text: string): ManifestFile {
  const lines = new LineCounter();
  const objects: ManifestObject[] = [];
  const problems: FileProblem[] = [];
  let hasSyntaxError = false;
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  // kubectl's YAML library knows "<<", so fields that arrive through it must be seen here, too.
  const options = { lineCounter: lines, prettyErrors: false, merge: true, stringKeys: true };
  for (const document of parseAllDocuments(text, options)) {
    const root: Node | null = document.contents;
    if (document.errors.length === 0 && isNothing(root)) continue;
    const { value, fault } = readDocument(document, text);
    if (fault !== undefined && !(fault.isSyntax && hasSyntaxError)) {
      problems.push({ file, ...positionAt(fault.offset), path: '', message: fault.message });
      hasSyntaxError ||= fault.isSyntax;
    }
    if (fault !== undefined || root === null) continue;
    const positionOf = (path: FieldPath): Position => positionAt(offsetOf(root, path));
    objects.push(...takeApart({ file, value, positionOf }));
  }
  return { objects, problems };
}

interface Fault {
  readonly offset: number;
  readonly message: string;
  readonly isSyntax: boolean;
}

/** What only a template of Helm has; `{{inputs.x}}` of other programs is not one. */
const templateAction =
  /\{\{-?\s*(?:[.$]|\/\*|(?:if|else|end|range|with|define|include|template|block|toYaml|quote|default)\b)/;

/** The value of a document, or why it cannot be used: its syntax, its aliases, or its depth. */
function readDocument(document: Document.Parsed, text: string): { value?: unknown; fault?: Fault } {
  const start = document.contents?.range[0] ?? 0;
  const tooDeep = {
    offset: start,
    message: `is nested deeper than ${limits.maxDepth} levels`,
    isSyntax: false,
  };
  // The parser recurses and reports an exhausted stack as one error of many.
  if (document.errors.some(({ message }) => message.startsWith('Maximum call stack'))) {
    return { fault: tooDeep };
  }
  if (document.errors.length > 0) return { fault: syntaxFault(document, text) };
  try {
    const infinity = offsetOfInfinity(document);
    if (infinity !== undefined) {
      return {
        fault: { offset: infinity, message: 'is not a number that JSON can hold', isSyntax: false },
      };
    }
    const value: unknown = document.toJS({ maxAliasCount });
    return isDeeperThan(value, limits.maxDepth) ? { fault: tooDeep } : { value };
  } catch (error) {
    if (error instanceof RangeError) return { fault: tooDeep };
    const message = error instanceof Error ? firstLine(error.message) : String(error);
    return {
      fault: { offset: offsetOfUnresolvedAlias(document) ?? start, message, isSyntax: false },
    };
  }
}

const noList = 'a key must be a text, not a list or map';

/** What parsers say of a template does not help: it has to be rendered. */
function syntaxFault({ errors }: Document.Parsed, text: string): Fault {
  const template = text.search(templateAction);
  if (template !== -1) {
    const fix = 'render it first: helm template CHART | bucketwarden check -';
    return { offset: template, message: `is a Helm template ("{{"); ${fix}`, isSyntax: true };
  }
  const [first] = errors;
  const words = first?.code === 'NON_STRING_KEY' ? noList : firstLine(first?.message ?? '');
  return { offset: first?.pos[0] ?? 0, message: words, isSyntax: true };
}

function isNothing(root: Node | null): boolean {
  return root === null || (isScalar(root) && root.value === null);
}

/**
 * An object with a list of `items` is the objects in it, as kubectl takes it; those of a `PodList`
 * may leave out what its name says.
 */
function takeApart(object: ManifestObject): ManifestObject[] {
  const { file, value } = object;
  if (!isRecord(value)) return [object];
  const { items } = value;
  const listKind = textOf(value['kind']) ?? '';
  if (!Array.isArray(items) || !listKind.endsWith('List')) return [object];
  const kind = listKind.slice(0, -'List'.length);
  const implied = kind === '' ? {} : { apiVersion: value['apiVersion'], kind };
  return items.flatMap((item: unknown, index) =>
    takeApart({
      file,
      value: isRecord(item) ? { ...implied, ...item } : item,
      positionOf: (path) => object.positionOf(['items', index, ...path]),
    }),
  );
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}
