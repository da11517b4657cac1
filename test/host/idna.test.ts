import { describe, expect, it } from 'vitest';
import { shown } from './arbitraries.ts';

const notAHost = 'invalid: is not a host name';
const tooLong = 'invalid: is longer than 253 characters';
const longLabel = 'invalid: has a label longer than 63 characters';

describe('the length of an international name', () => {
  it.each(['.', '\u3002', '\uff0e', '\uff61'])(
    'is an international label of more than 63 characters, wherever %j parts it from others',
    (dot) => {
      const labels = ['ü'.repeat(50), 'ü'.repeat(50), 'example'];
      expect(shown(labels.join(dot))).toMatch(/^name xn--tdaaaa/);
      expect(shown([...labels, 'ü'.repeat(64)].join(dot))).toBe(longLabel);
      expect(shown(['*', ...labels].join('.'))).toMatch(/^wildcard \*\.xn--tdaaaa/);
      expect(shown(`*.${['ü'.repeat(64), 'example'].join(dot)}`)).toBe(longLabel);
    },
  );

  it('is an international name of more than 253 characters', () => {
    const labels = Array.from({ length: 63 }, () => 'üab').join('.');
    expect(shown(labels)).toBe(tooLong);
    expect(shown(`${labels}.${labels}`)).toBe(tooLong);
    expect(shown(`*.${labels}.${labels}`)).toBe(tooLong);
  });

  it('is measured without the characters that IDNA drops', () => {
    const hidden = 'min\u00ad\u200bio\ufe0f'.replace(/\W/gu, (one) => one.repeat(500));
    expect(shown(`${hidden}.storage`)).toBe('name minio.storage');
    expect(shown(`\u{e0100}${'a'.repeat(64)}.storage`)).toBe(longLabel);
    expect(shown('\u00ad'.repeat(500))).toBe(notAHost);
  });

  it.each([
    ['one label', '', longLabel],
    ['labels of 60', '.', tooLong],
    ['labels between full-width dots', '\uff0e', tooLong],
  ])('is refused by its length before Punycode sees it: %s', (_what, dot, expected) => {
    const ideographs = Array.from({ length: 20_000 }, (_, index) =>
      String.fromCodePoint(0x4e00 + index),
    );
    const labels = ideographs.map((one, index) => (index % 60 === 59 ? `${one}${dot}` : one));
    expect(shown(labels.join('').repeat(5))).toBe(dot === '' ? tooLong : expected);
  });

  it('agrees with IDNA about the characters that are dropped', () => {
    const dropped: string[] = [];
    for (let code = 0x80; code <= 0x10ffff; code++) {
      if (/^\p{Default_Ignorable_Code_Point}$/u.test(String.fromCodePoint(code))) {
        const character = String.fromCodePoint(code);
        const isDropped = shown(`a${character}b`) === 'name ab';
        expect(shown(`a${character.repeat(300)}b`) === 'name ab', code.toString(16)).toBe(
          isDropped,
        );
        if (isDropped) dropped.push(character);
      }
    }
    expect(dropped.length).toBeGreaterThan(250);
  });
});
