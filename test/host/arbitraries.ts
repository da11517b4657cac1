import fc from 'fast-check';
import { hostText, parseHost, type Host } from '../../src/host/host.ts';

export type Claim = Extract<Host, { kind: 'name' | 'wildcard' }>;

/** Few labels, so that random hosts meet often. */
const label = fc.constantFrom('a', 'b', 'ab', 'x-a', 'example', 'com', 'co', 'uk', 'local', 'svc');

/** "a.example.com": one to five labels. */
export const nameText = fc
  .array(label, { minLength: 1, maxLength: 5 })
  .map((labels) => labels.join('.'));

/** "*.example.com": what a grant may hold. */
export const labelWiseText = nameText.map((name) => `*.${name}`);

/** "*ample.com", "*", "*.": what Istio takes as well. */
export const partialText = fc.oneof(
  fc.constantFrom('*', '*.'),
  fc
    .tuple(nameText, fc.nat({ max: 3 }))
    .map(([name, cut]) => `*${name.slice(cut).replace(/^[.-]+/, '')}`),
);

export const claimText = fc.oneof(nameText, labelWiseText);
export const comparableText = fc.oneof(nameText, labelWiseText, partialText);

/** Texts made of what parsers of hosts trip over. */
export const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          '*',
          '.',
          '-',
          '_',
          ':',
          '/',
          '[',
          ']',
          '%',
          '@',
          ' ',
          '\t',
          '\0',
          '0x',
          '0',
          '1',
          '255',
        ],
        ...[
          '::',
          'ffff',
          'xn--',
          'a',
          'Z',
          'ß',
          '。',
          '．',
          '＊',
          '１',
          'İ',
          '\u00AD',
          '\uD800',
          '\u202E',
        ],
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
  comparableText,
);

/** The host of a text known to be a name or a wildcard. */
export function claim(text: string): Claim {
  const host = parseHost(text);
  if (host.kind !== 'name' && host.kind !== 'wildcard') throw new Error(`${text}: ${host.kind}`);
  return host;
}

/** "name minio.storage", "wildcard *.com", "address 10.0.0.1", "invalid: is empty". */
export function shown(text: string): string {
  const host = parseHost(text);
  return host.kind === 'invalid' ? `invalid: ${host.reason}` : `${host.kind} ${hostText(host)}`;
}
