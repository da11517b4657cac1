import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldPath } from '../../src/admission/field-path.ts';
import { renderProblem } from '../../src/errors.ts';
import { readManifest } from '../../src/files/documents.ts';

function values(text: string): unknown[] {
  return readManifest('f.yaml', text).objects.map(({ value }) => value);
}

function problems(text: string): string[] {
  return readManifest('f.yaml', text).problems.map(renderProblem);
}

/** "line:column" of a field of the first object, or of the one with this number. */
function at(text: string, path: FieldPath, number = 0): string {
  const position = readManifest('f.yaml', text).objects[number]?.positionOf(path);
  return `${position?.line ?? 0}:${position?.column ?? 0}`;
}

describe('the objects of a text', () => {
  it.each([
    ['nothing', '', []],
    ['blanks', ' \n\n', []],
    ['a comment', '# nothing here\n', []],
    ['a separator', '---\n', []],
    ['null', 'null\n', []],
    ['one document', 'a: 1', [{ a: 1 }]],
    ['several', 'a: 1\n---\nb: 2\n---\nc: 3\n', [{ a: 1 }, { b: 2 }, { c: 3 }]],
    [
      'empty ones between',
      '---\n---\na: 1\n---\n# none\n---\nnull\n---\nb: 2\n...\n',
      [{ a: 1 }, { b: 2 }],
    ],
    ['JSON', '{"a": {"b": [1, "x\\u00e9\\/"]}}', [{ a: { b: [1, 'xé/'] } }]],
    ['JSON with tabs', '{\n\t"a":\t1\n}', [{ a: 1 }]],
    ['Windows line ends', 'a: 1\r\nb:\r\n  - 2\r\n', [{ a: 1, b: [2] }]],
    ['a byte order mark', '\ufeffa: 1\n', [{ a: 1 }]],
    ['a scalar', 'hello', ['hello']],
    ['anchors', 'a: &x [1]\nb: *x\n', [{ a: [1], b: [1] }]],
    [
      'merged keys',
      'a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 3\n',
      [{ a: { k: 1, l: 2 }, b: { k: 1, l: 3 } }],
    ],
    ['a tag of somebody else', 'a: !vault x\n', [{ a: 'x' }]],
    ['words that YAML 1.1 took for booleans', 'a: yes\nb: off\n', [{ a: 'yes', b: 'off' }]],
    ['keys that are no text', '1: a\ntrue: b\nnull: c\n', [{ 1: 'a', true: 'b', null: 'c' }]],
    ['a block of text', 'a: |\n  x\n  y\n', [{ a: 'x\ny\n' }]],
  ])('of %s', (_what, text, expected) => {
    expect(values(text)).toEqual(expected);
    expect(problems(text)).toEqual([]);
  });

  it('keep keys that every JavaScript object inherits as fields', () => {
    const [value] = values('__proto__: {polluted: true}\nconstructor: 1\n');
    expect(Object.entries(value ?? {})).toEqual([
      ['__proto__', { polluted: true }],
      ['constructor', 1],
    ]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('lists', () => {
  it('are the objects in them, nested ones, too', () => {
    const text = 'kind: List\nitems:\n- a: 1\n- kind: List\n  items:\n  - b: 2\n  - c: 3\n';
    expect(values(text)).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
  });

  it('of one kind lend their members the kind and version that these leave out', () => {
    const text = `
apiVersion: v1
kind: PodList
items:
- metadata: {name: a}
- apiVersion: v2
  kind: Other
`;
    expect(values(text)).toEqual([
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
      { apiVersion: 'v2', kind: 'Other' },
    ]);
  });

  it.each([
    ['without items', 'kind: List\n'],
    ['with items that are no list', 'kind: List\nitems: {a: 1}\n'],
    ['only by its items', 'kind: ConfigMap\nitems: [a]\n'],
  ])('%s stay one object', (_what, text) => {
    expect(values(text)).toHaveLength(1);
  });

  it('may be empty', () => {
    expect(values('kind: List\nitems: []\n')).toEqual([]);
  });

  it('point to where a field of a member stands', () => {
    const text = 'kind: List\nitems:\n- a: 1\n- kind: List\n  items:\n  - b: 2\n';
    expect(at(text, ['a'], 0)).toBe('3:6');
    expect(at(text, ['b'], 1)).toBe('6:8');
    expect(at(text, [], 1)).toBe('6:5');
    expect(at(text, ['missing'], 1)).toBe('6:5');
  });
});

describe('the position of', () => {
  const text = `# first line
apiVersion: v1
metadata:
  name: report
  labels: {app: report, "tier": db}
spec:
  containers:
    - name: one
      env:
      - name: A
        value: >-
          long
    - name: two
  empty:
  alias: &x
    inner: 1
  again: *x
`;

  it.each<readonly [string, FieldPath, string]>([
    ['the document', [], '2:1'],
    ['a value', ['apiVersion'], '2:13'],
    ['a block, which is that of its key', ['metadata'], '3:1'],
    ['a value in a block', ['metadata', 'name'], '4:9'],
    ['a map on the same line', ['metadata', 'labels'], '5:11'],
    ['a value in it', ['metadata', 'labels', 'tier'], '5:33'],
    ['a list of blocks', ['spec', 'containers'], '7:3'],
    ['an entry of it', ['spec', 'containers', 1], '13:7'],
    ['a value of that', ['spec', 'containers', 0, 'env', 0, 'name'], '10:15'],
    ['a block of text', ['spec', 'containers', 0, 'env', 0, 'value'], '11:16'],
    ['a value that is empty', ['spec', 'empty'], '14:9'],
    ['an alias', ['spec', 'again'], '17:10'],
    ['a value behind an alias', ['spec', 'again', 'inner'], '17:10'],
    ['a missing field: its parent', ['metadata', 'namespace'], '3:1'],
    ['a missing field of an entry', ['spec', 'containers', 1, 'image'], '13:7'],
    ['a missing entry', ['spec', 'containers', 7], '7:3'],
    ['a missing branch: the last one there', ['status', 'conditions', 0], '2:1'],
    ['a field below a value', ['apiVersion', 'x'], '2:13'],
  ])('%s', (_what, path, expected) => {
    expect(at(text, path)).toBe(expected);
    expect(at(text.replaceAll('\n', '\r\n'), path)).toBe(expected);
  });

  it('anything in a later document counts from the start of the file', () => {
    expect(at('a: 1\n---\n# x\nb:\n  c: 2\n', ['b', 'c'], 1)).toBe('5:6');
  });

  it('anything in JSON is that of the value', () => {
    expect(at('{"a": 1,\n "b": {"c": [1,\n  2]}}', ['b', 'c', 1])).toBe('3:3');
  });
});

describe('what cannot be read', () => {
  it.each([
    ['a tab as indentation', 'a:\n\tb: 1\n', ['f.yaml:2:1: Tabs are not allowed as indentation']],
    ['a key given twice', 'a: 1\nb: 2\na: 3\n', ['f.yaml:3:1: Map keys must be unique']],
    [
      'an alias without anchor',
      'a: 1\nb: [x, *nope]\n',
      ['f.yaml:2:8: Unresolved alias (the anchor must be set before the alias): nope'],
    ],
    ['an unclosed quote', 'a: "x\n', ['f.yaml:2:1: Missing closing "quote']],
    [
      'a document that contains itself',
      'a: &a [*a]\n',
      ['f.yaml:1:1: is nested deeper than 200 levels'],
    ],
    [
      'JSON that breaks off',
      '{"a": [1, 2',
      [
        'f.yaml:1:12: Flow sequence in block collection must be sufficiently indented and end with a ]',
      ],
    ],
  ])('%s', (_what, text, expected) => {
    expect(problems(text)).toEqual(expected);
    expect(values(text)).toEqual([]);
  });

  it('leaves the other documents usable', () => {
    const text = 'a: 1\n---\nb: 1\nb: 2\n---\nc: 3\n';
    expect(values(text)).toEqual([{ a: 1 }, { c: 3 }]);
    expect(problems(text)).toEqual(['f.yaml:4:1: Map keys must be unique']);
  });

  it('is a billion laughs', () => {
    const levels = Array.from('bcdefghi').map((name, index) => {
      const before = 'abcdefghi'.charAt(index);
      return `${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`;
    });
    const text = `a: &a ["lol"]\n${levels.join('\n')}\n`;
    expect(problems(text)).toEqual([
      'f.yaml:1:1: Excessive alias count indicates a resource exhaustion attack',
    ]);
  });

  it.each([
    ['just deep enough to be refused', '['.repeat(202) + ']'.repeat(202)],
    ['deep beyond the stack', '['.repeat(50_000) + ']'.repeat(50_000)],
    ['deep and not closed', '['.repeat(50_000)],
    ['deep in JSON objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
    [
      'deep in blocks',
      Array.from({ length: 1_000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join(''),
    ],
  ])('is a document %s', (_what, text) => {
    expect(problems(text)).toEqual(['f.yaml:1:1: is nested deeper than 200 levels']);
  });

  it('is told by its first syntax error', () => {
    const text = 'a: 1\na: 2\na: 3\n---\nb: 1\n---\nc: "x\n';
    expect(problems(text)).toEqual(['f.yaml:2:1: Map keys must be unique']);
    expect(values(text)).toEqual([{ b: 1 }]);
  });

  it.each([
    ['a field', 'kind: Pod\nmetadata:\n  name: {{ .Values.name }}\n', '3:9'],
    ['a block', 'kind: Pod\n{{- if .Values.enabled }}\nspec: {}\n{{- end }}\n', '2:1'],
    ['a helper', '{{ define "labels" }}\napp: x\n{{ end }}\n', '1:1'],
  ])('is a Helm template: %s', (_what, text, place) => {
    expect(problems(text)).toEqual([
      `f.yaml:${place}: is a Helm template ("{{"); render it first: helm template CHART | bucketwarden check -`,
    ]);
  });

  it('is not a Helm template because it names inputs of a workflow', () => {
    expect(problems('a: "{{inputs.parameters.x}}"\nb: "x\n')).toEqual([
      'f.yaml:3:1: Missing closing "quote',
    ]);
  });

  it('never throws, and says something about every text it takes nothing from', () => {
    const piece = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '-',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&x',
      '*x',
      '"',
      "'",
      '|',
      '<<: ',
      '#',
      '---\n',
      '?',
      '!',
      '%',
      '\t',
      '\0',
      '\ufeff',
      '1',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (hostile) => {
        const { objects, problems: found } = readManifest('f', hostile);
        for (const { line, column } of found) expect(Math.min(line, column)).toBeGreaterThan(0);
        for (const { positionOf } of objects) expect(positionOf(['a', 0]).line).toBeGreaterThan(0);
      }),
      { numRuns: 1_500 },
    );
  });

  it('reads back what JSON wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value);
        const isList = /"kind":"\w*List"/.test(text);
        if (value !== null && !isList) expect(values(text)).toEqual([JSON.parse(text)]);
      }),
    );
  });
});
