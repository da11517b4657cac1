import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostText, parseHost } from '../../src/host/host.ts';
import { parseScopedHost } from '../../src/host/scoped-host.ts';
import { wildcardProblem } from '../../src/host/wildcard.ts';
import { comparableText, hostileText, nameText, shown } from './arbitraries.ts';

describe('the normal form of a host', () => {
  it.each([
    ['lower case', 'MinIO.Storage.SVC', 'name minio.storage.svc'],
    ['no trailing dot', 'minio.storage.', 'name minio.storage'],
    ['no blanks around it', ' \t minio.storage\n', 'name minio.storage'],
    ['no-break spaces and byte order marks gone', '\u00a0minio\ufeff', 'name minio'],
    ['punycode for an IDN', 'münchen.example', 'name xn--mnchen-3ya.example'],
    ['punycode in lower case', 'XN--MNCHEN-3YA.example', 'name xn--mnchen-3ya.example'],
    ['an IDN in decomposed letters', 'mu\u0308nchen.example', 'name xn--mnchen-3ya.example'],
    ['full-width letters', 'ＭｉｎＩＯ.storage', 'name minio.storage'],
    ['circled letters', 'ⓜinio.storage', 'name minio.storage'],
    ['an ideographic full stop', 'minio。storage', 'name minio.storage'],
    ['a full-width full stop at the end', 'minio．storage．', 'name minio.storage'],
    ['invisible characters gone', 'min\u00adio.sto\u200brage', 'name minio.storage'],
    ['sharp s kept apart from ss', 'straße.example', 'name xn--strae-oqa.example'],
    ['a wildcard in lower case without dot', '*.Example.COM.', 'wildcard *.example.com'],
    ['a wildcard over an IDN', '*.münchen.example', 'wildcard *.xn--mnchen-3ya.example'],
    ['a partial wildcard', '*Local', 'wildcard *local'],
    ['a label that starts with digits', '1e3.0xg', 'name 1e3.0xg'],
    ['numbers that make no address', '300.1.2.3', 'name 300.1.2.3'],
    ['an octal number that is none', '10.0.0.08', 'name 10.0.0.08'],
    ['five numbers', '1.2.3.4.5', 'name 1.2.3.4.5'],
    ['hexadecimal letters alone', 'face', 'name face'],
  ])('has %s', (_what, text, expected) => {
    expect(shown(text)).toBe(expected);
  });
});

describe('an address in any spelling', () => {
  it.each([
    '127.0.0.1',
    '127.0.0.1.',
    ' 127.0.0.1 ',
    '[127.0.0.1]',
    '127.1',
    '127.0.1',
    '2130706433',
    '2130706433.',
    '0x7f000001',
    '0X7F000001',
    '0x7f000001.',
    '0x00000000007f000001',
    '127.0.0.0x1',
    '017700000001',
    '0177.0.0.01',
    '0x7f.0.0.1',
    '１２７.0.0.1',
    '１２７。０。０。１',
    '::ffff:127.0.0.1',
    '::FFFF:7F00:1',
    '[::ffff:7f00:1]',
    '0:0:0:0:0:ffff:127.0.0.1',
  ])('is an address: %s', (text) => {
    expect(shown(text)).toBe('address 127.0.0.1');
  });

  it.each([
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['FD00:0::00A', 'fd00::a'],
    ['::127.0.0.1', '::7f00:1'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
  ])('is an IPv6 address: %s', (text, address) => {
    expect(shown(text)).toBe(`address ${address}`);
  });
});

describe('what is no host', () => {
  const notAHost = 'invalid: is not a host name';
  const tooLong = 'invalid: is longer than 253 characters';
  const longLabel = 'invalid: has a label longer than 63 characters';

  it.each([
    ['', 'invalid: is empty'],
    [' \t', 'invalid: is empty'],
    ['.', notAHost],
    ['..', notAHost],
    ['a..b', notAHost],
    ['.a', notAHost],
    ['a.b..', notAHost],
    ['127.0.0.1..', notAHost],
    ['*..', notAHost],
    ['*.a..b', notAHost],
    ['-a', notAHost],
    ['a-', notAHost],
    ['a_b', notAHost],
    ['_x.y', notAHost],
    ['a b', notAHost],
    ['a\0b', notAHost],
    ['host:443', notAHost],
    ['10.0.0.1:443', notAHost],
    ['http://host', notAHost],
    ['1.1.1.1/32', notAHost],
    ['user@host', notAHost],
    ['fe80::1%eth0', notAHost],
    ['[minio]', notAHost],
    ['mi%6eio', notAHost],
    ['a\\b', notAHost],
    ['foo*', notAHost],
    ['a.*.com', notAHost],
    ['＊.com', notAHost],
    ['*。com', notAHost],
    ['**', 'invalid: has more than one star'],
    ['*.*.com', 'invalid: has more than one star'],
    ['\uD800', notAHost],
  ])('%j → %s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('is a label of more than 63 characters', () => {
    expect(shown(`${'a'.repeat(63)}.com`)).toBe(`name ${'a'.repeat(63)}.com`);
    expect(shown(`${'a'.repeat(64)}.com`)).toBe(longLabel);
    expect(shown(`*.${'a'.repeat(64)}.com`)).toBe(longLabel);
  });

  it('is a name of more than 253 characters, the trailing dot not counted', () => {
    const longest = `${'a'.repeat(61)}.${`${'b'.repeat(63)}.`.repeat(3)}`.slice(0, -1);
    expect(longest).toHaveLength(253);
    expect(shown(`${longest}.`)).toBe(`name ${longest}`);
    expect(shown(`a${longest}`)).toBe(tooLong);
    expect(shown(`*.a${longest}`)).toBe(tooLong);
  });

  it('is a text of a million characters, whatever they are', () => {
    for (const unit of ['a', '.', '*', '1', 'ü', '[', '\u0308', '::']) {
      expect(shown(unit.repeat(1_000_000))).toMatch(/^invalid: /);
    }
  });
});

/**
 * What Istio accepts as ServiceEntry host for resolution NONE or STATIC, DNS without endpoints, and
 * DYNAMIC_DNS, and what we take each for. Istio does not check who owns a name, so everything it accepts
 * must here become either a host that a grant can be compared with or an error.
 */
describe('hosts that Istio accepts or refuses in a ServiceEntry', () => {
  it.each([
    { host: '*', istio: 'no no no', ours: 'wildcard *', problem: 'matches every host' },
    { host: '*.', istio: 'yes no yes', ours: 'wildcard *.', problem: 'matches every host' },
    {
      host: '*.com',
      istio: 'yes no yes',
      ours: 'wildcard *.com',
      problem: 'covers a whole top-level domain',
    },
    {
      host: '*.local',
      istio: 'yes no yes',
      ours: 'wildcard *.local',
      problem: 'covers a whole top-level domain',
    },
    {
      host: '*.svc.cluster.local',
      istio: 'yes no yes',
      ours: 'wildcard *.svc.cluster.local',
      problem: undefined,
    },
    ...['com', 'l', 'local', '-foo.com', 'x'].map((suffix) => ({
      host: `*${suffix}`,
      istio: 'yes no yes',
      ours: `wildcard *${suffix}`,
      problem: 'is a partial wildcard: Istio compares plain suffixes, without a label boundary',
    })),
    { host: 'foo*', istio: 'no no no', ours: 'invalid: is not a host name' },
    { host: 'a.*.com', istio: 'no no no', ours: 'invalid: is not a host name' },
    { host: '*.*.com', istio: 'no no no', ours: 'invalid: has more than one star' },
    { host: '**', istio: 'no no no', ours: 'invalid: has more than one star' },
    { host: 'minio', istio: 'yes yes no', ours: 'name minio' },
    { host: 'kubernetes', istio: 'yes yes no', ours: 'name kubernetes' },
    { host: 'localhost', istio: 'yes yes no', ours: 'name localhost' },
    { host: 'minio.storage', istio: 'yes yes no', ours: 'name minio.storage' },
    { host: 'minio.storage.svc', istio: 'yes yes no', ours: 'name minio.storage.svc' },
    {
      host: 'MinIO.Storage.svc.cluster.local',
      istio: 'yes yes no',
      ours: 'name minio.storage.svc.cluster.local',
    },
    {
      host: 'minio.storage.svc.cluster.local.',
      istio: 'yes yes no',
      ours: 'name minio.storage.svc.cluster.local',
    },
    { host: '10.0.0.1', istio: 'no no no', ours: 'address 10.0.0.1' },
    { host: '::1', istio: 'no no no', ours: 'address ::1' },
    { host: '1.1.1.1/32', istio: 'no no no', ours: 'invalid: is not a host name' },
    { host: '[::1]', istio: 'no no no', ours: 'address ::1' },
    { host: '10.0.0.1.', istio: 'yes yes no', ours: 'address 10.0.0.1' },
    { host: '2130706433', istio: 'yes no no', ours: 'address 127.0.0.1' },
    { host: '0x7f000001', istio: 'yes yes no', ours: 'address 127.0.0.1' },
    { host: '127.0.0.0x1', istio: 'yes yes no', ours: 'address 127.0.0.1' },
    { host: 'host:443', istio: 'no no no', ours: 'invalid: is not a host name' },
    { host: 'http://host', istio: 'no no no', ours: 'invalid: is not a host name' },
    { host: '_x.y', istio: 'no no no', ours: 'invalid: is not a host name' },
    { host: 'a b', istio: 'no no no', ours: 'invalid: is not a host name' },
    { host: 'a..b', istio: 'no no no', ours: 'invalid: is not a host name' },
    { host: '.a', istio: 'no no no', ours: 'invalid: is not a host name' },
    { host: 'xn--mnchen-3ya.de', istio: 'yes yes no', ours: 'name xn--mnchen-3ya.de' },
    {
      host: '*.xn--mnchen-3ya.de',
      istio: 'yes no yes',
      ours: 'wildcard *.xn--mnchen-3ya.de',
      problem: undefined,
    },
    { host: 'münchen.de', istio: 'no no no', ours: 'name xn--mnchen-3ya.de' },
  ])('$host (Istio: $istio) → $ours', ({ host, ours, problem }) => {
    expect(shown(host)).toBe(ours);
    const parsed = parseHost(host);
    if (parsed.kind === 'wildcard') expect(wildcardProblem(parsed)).toBe(problem);
  });
});

describe('parseHost', () => {
  it('never throws, and what it returned it reads again as the same', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const host = parseHost(text);
        if (host.kind !== 'invalid') expect(parseHost(hostText(host))).toEqual(host);
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes no notice of case, of a trailing dot and of blanks around', () => {
    fc.assert(
      fc.property(comparableText, (text) => {
        const host = parseHost(text);
        expect(parseHost(text.toUpperCase())).toEqual(host);
        expect(parseHost(` ${text}\t`)).toEqual(host);
        if (text !== '*') expect(parseHost(text.endsWith('.') ? text : `${text}.`)).toEqual(host);
      }),
    );
  });

  it('reads a name in full-width letters as the name', () => {
    fc.assert(
      fc.property(nameText, (name) => {
        const wide = name.replace(/[a-z]/g, (letter) =>
          String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0),
        );
        expect(parseHost(wide)).toEqual(parseHost(name));
      }),
    );
  });

  it('leaves a name only letters, digits, hyphens and single dots', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const host = parseHost(text);
        if (host.kind === 'name') expect(host.name).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('parseScopedHost', () => {
  it.each([
    ['payments/api.example.com', 'payments', 'api.example.com'],
    ['*/api.example.com', '*', 'api.example.com'],
    ['./api.example.com', '.', 'api.example.com'],
    ['~/*', '~', '*'],
    ['*/*', '*', '*'],
    ['api.example.com', undefined, 'api.example.com'],
    ['/api', '', 'api'],
    ['a/b/c', 'a', 'b/c'],
    ['', undefined, ''],
  ])('%j is namespace %j and host %j', (text, namespace, host) => {
    expect(parseScopedHost(text)).toEqual({ namespace, host });
  });

  it('leaves a second slash in the host, which is then no host', () => {
    expect(parseHost(parseScopedHost('a/b/c').host)).toEqual({
      kind: 'invalid',
      reason: 'is not a host name',
    });
  });
});
