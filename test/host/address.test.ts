import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cidrContains,
  cidrsOverlap,
  parseAddress,
  parseCidr,
  type Cidr,
} from '../../src/host/address.ts';
import { CidrSet } from '../../src/host/cidr-set.ts';

/** A range by arithmetic alone: IPv4 is the block ::ffff:0:0/96 of the 128-bit line. */
interface Range {
  readonly texts: readonly string[];
  readonly first: bigint;
  readonly last: bigint;
  readonly isIPv4: boolean;
}

const mappedBlock = 0xffffn << 32n;

const ipv4 = fc.bigInt({ min: 0n, max: 0xffffffffn });
const ipv6 = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
  fc.constantFrom(0n, 1n, mappedBlock, mappedBlock + 1n, 0xfd00n << 112n, (0xfd00n << 112n) + 1n),
);

/** Every way to write an IPv4 address. */
function ipv4Texts(value: bigint): string[] {
  const parts = [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn);
  const [a = 0n, b = 0n, c = 0n, d = 0n] = parts;
  return [
    parts.join('.'),
    String(value),
    `0x${value.toString(16)}`,
    `0${value.toString(8)}`,
    `${a}.${(b << 16n) + (c << 8n) + d}`,
    `0x${a.toString(16)}.0${b.toString(8)}.${(c << 8n) + d}`,
    `::ffff:${parts.join('.')}`,
    `[::FFFF:${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}]`,
  ];
}

function ipv6Text(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  return groups.join(':');
}

function rangeOf(value: bigint, bits: number, size: number): { first: bigint; last: bigint } {
  const hostBits = BigInt(size - bits);
  const first = (value >> hostBits) << hostBits;
  return { first, last: first + (1n << hostBits) - 1n };
}

const ipv4Range: fc.Arbitrary<Range> = fc
  .tuple(ipv4, fc.integer({ min: 0, max: 32 }))
  .map(([value, bits]) => {
    const { first, last } = rangeOf(value, bits, 32);
    const [dotted = '', ...others] = ipv4Texts(value);
    const mapped = others.filter((text) => text.includes(':'));
    return {
      texts: [`${dotted}/${bits}`, ...mapped.map((text) => `${text}/${bits + 96}`)],
      first: mappedBlock + first,
      last: mappedBlock + last,
      isIPv4: true,
    };
  });

const ipv6Range: fc.Arbitrary<Range> = fc
  .tuple(ipv6, fc.integer({ min: 0, max: 128 }))
  .map(([value, bits]) => {
    const { first, last } = rangeOf(value, bits, 128);
    const isIPv4 = bits >= 96 && first >> 32n === 0xffffn;
    return { texts: [`${ipv6Text(value)}/${bits}`], first, last, isIPv4 };
  });

/** Ranges near each other, so that they meet more often than chance has it. */
const pair = fc
  .tuple(fc.oneof(ipv4Range, ipv6Range), fc.oneof(ipv4Range, ipv6Range), fc.boolean())
  .chain(([one, other, isNear]) =>
    isNear && one.isIPv4
      ? fc.tuple(fc.constant(one), fc.integer({ min: 0, max: 32 })).map(([base, bits]) => {
          const value = base.first - mappedBlock;
          const { first, last } = rangeOf(value, bits, 32);
          const text = `${ipv4Texts(value)[0] ?? ''}/${bits}`;
          const near = {
            texts: [text],
            first: first + mappedBlock,
            last: last + mappedBlock,
            isIPv4: true,
          };
          return [base, near] as const;
        })
      : fc.constant([one, other] as const),
  );

function cidr(text: string): Cidr {
  const range = parseCidr(text);
  if (range === undefined) throw new Error(text);
  return range;
}

describe('parseAddress', () => {
  it('reads every spelling of an IPv4 address as the same address', () => {
    fc.assert(
      fc.property(ipv4, (value) => {
        const texts = ipv4Texts(value);
        for (const text of texts) expect(parseAddress(text), text).toBe(texts[0]);
      }),
    );
  });

  it('reads what it wrote, and keeps different addresses apart', () => {
    fc.assert(
      fc.property(ipv6, ipv6, (one, other) => {
        const address = parseAddress(ipv6Text(one)) ?? '';
        expect(parseAddress(address)).toBe(address);
        expect(parseAddress(ipv6Text(other)) === address).toBe(one === other);
      }),
    );
  });

  it.each([
    '',
    'minio',
    'face',
    '.',
    ':',
    '1.2.3.4.5',
    '256.1.1.1',
    '10.0.0.08',
    '4294967296',
    '0x',
    '1:2',
    'fe80::1%eth0',
    '10.0.0.1/32',
  ])('knows %j for no address', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe('parseCidr', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['10.1.2.3', '10.1.2.3'],
    ['10.1.2.3/32', '10.1.2.3/32'],
    ['FD00:0::/8', 'fd00::/8'],
    ['fd00::1', 'fd00::1'],
    ['::/0', '::/0'],
    ['0/0', '0.0.0.0/0'],
    ['10/8', '0.0.0.0/8'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['::ffff:0:0/95', '::fffe:0:0/95'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::10.0.0.0/104', '::a00:0/104'],
    ['2130706433', '127.0.0.1'],
  ])('reads %s as %s', (text, expected) => {
    expect(parseCidr(text)?.text).toBe(expected);
  });

  it.each([
    '',
    '/',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/+8',
    '10.0.0.0/8.0',
    '10.0.0.0/8/8',
    '999.1.1.1/8',
    'minio/8',
    '10.0.0.0/-1',
    '10.0.0.0/1e1',
    '::ffff:10.0.0.0/129',
  ])('knows %j for no range', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  it('never throws, and reads its own text as the same range', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-fx:.]{0,20}\/[0-9]{0,3}$/)),
        (text) => {
          const range = parseCidr(text);
          if (range) expect(parseCidr(range.text)).toEqual(range);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('ranges by arithmetic', () => {
  it('overlap exactly when they share a number, in whatever form they are written', () => {
    fc.assert(
      fc.property(pair, ([one, other]) => {
        const expected = one.first <= other.last && other.first <= one.last;
        for (const text of one.texts) {
          for (const otherText of other.texts) {
            expect(cidrsOverlap(cidr(text), cidr(otherText)), `${text} ${otherText}`).toBe(
              expected,
            );
            expect(cidrsOverlap(cidr(otherText), cidr(text))).toBe(expected);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('contain each other exactly when all numbers are inside, never IPv4 in IPv6', () => {
    fc.assert(
      fc.property(pair, ([outer, inner]) => {
        const isInside = outer.first <= inner.first && inner.last <= outer.last;
        const expected = outer.isIPv4 === inner.isIPv4 && isInside;
        for (const text of outer.texts) {
          for (const innerText of inner.texts) {
            expect(cidrContains(cidr(text), cidr(innerText)), `${text} ${innerText}`).toBe(
              expected,
            );
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('CidrSet', () => {
  const set = new CidrSet(['203.0.113.0/28', '169.254.0.0/16', 'fd00:ec2::254/128'].map(cidr));

  it.each([
    '203.0.113.0/28',
    '203.0.113.15',
    '::ffff:203.0.113.4',
    '0xCB007104',
    'fd00:ec2::254',
    '203.0.113.8/29',
  ])('contains %s', (text) => {
    expect(set.contains(cidr(text))).toBe(true);
  });

  it.each([
    '203.0.113.16',
    '203.0.113.0/27',
    '0.0.0.0/0',
    '::/0',
    'fd00:ec2::255',
    '::203.0.113.4',
  ])('does not contain %s', (text) => {
    expect(set.contains(cidr(text))).toBe(false);
  });

  it.each([
    ['169.254.169.254', '169.254.0.0/16'],
    ['::ffff:a9fe:a9fe', '169.254.0.0/16'],
    ['2852039166', '169.254.0.0/16'],
    ['0.0.0.0/0', '203.0.113.0/28'],
    ['::/0', '203.0.113.0/28'],
    ['fd00:ec2::/64', 'fd00:ec2::254/128'],
  ])('knows that %s overlaps %s', (text, member) => {
    expect(set.overlapping(cidr(text))?.text).toBe(member);
  });

  it('does not contain what only two members together do', () => {
    const halves = new CidrSet([cidr('10.0.0.0/9'), cidr('10.128.0.0/9')]);
    expect(halves.contains(cidr('10.0.0.0/8'))).toBe(false);
  });

  it('lists its members in normal form', () => {
    expect(set.texts()).toEqual(['203.0.113.0/28', '169.254.0.0/16', 'fd00:ec2::254/128']);
  });
});
