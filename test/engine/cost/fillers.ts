/** Text that is small to send and expensive to read carelessly. */
export interface Filler {
  readonly name: string;
  /** About `characters` of it in one piece; `seed` makes another text of the same kind. */
  readonly text: (characters: number, seed: number) => string;
}

function repeated(name: string, unit: string): Filler {
  return {
    name,
    text: (characters, seed) => `${unit.repeat(Math.ceil(characters / unit.length))}${seed}`,
  };
}

/** Ideographs in no order: Punycode writes each with its distance to all others. */
function ideographs(characters: number, seed: number): string {
  const codes = new Uint16Array(characters);
  for (let index = 0; index < characters; index++) {
    codes[index] = 0x4e00 + ((index * 7919 + seed * 104_729) % 20_000);
  }
  return Buffer.from(codes.buffer).toString('utf16le');
}

/** Long texts made from pieces that are all different. */
function pieces(name: string, piece: (number: number) => string): Filler {
  return {
    name,
    text(characters, seed) {
      const parts: string[] = [];
      for (let length = 0, number = seed * 1_000_000; length < characters; number++) {
        const part = piece(number);
        parts.push(part);
        length += part.length;
      }
      return parts.join('');
    },
  };
}

const label = (number: number): string => ideographs(59, number);

export const fillers: readonly Filler[] = [
  { name: 'one label of ideographs', text: ideographs },
  pieces('labels of ideographs', (number) => `${label(number)}.`),
  pieces('labels between full-width dots', (number) => `${label(number)}\uff0e`),
  pieces('URLs of ideographs', (number) => `https://${label(number)}.example/x `),
  pieces('buckets of ideographs', (number) => `s3://${label(number)}/x `),
  repeated('combining marks', 'a\u0323\u0308'),
  repeated('accents out of order', '\u0308\u0323'),
  repeated('soft hyphens', '\u00ad'),
  repeated('halves of surrogates', '\ud800'),
  ...['://', '$(', '${a}', '${', '$a', '$(V)', '$V ', '%', '%(', '%2D', '%E0%A4%A', '../'].map(
    (unit) => repeated(unit, unit),
  ),
  ...['[', '[]', '[[', '{', '{"', '(', '<', '"', '\\', '\\"', "'", '\n', ' ', '\u0000'].map(
    (unit) => repeated(JSON.stringify(unit), unit),
  ),
  ...['.', '*', '*.', '-', 'a-', 'a.', '/', ',', '@', ':', '::', '=', '0x', '1.', '#', '~1'].map(
    (unit) => repeated(unit, unit),
  ),
  ...['a', 'A', '0', '1', 'x ', '- ', '|', ';', '&&', '`', '!', '^'].map((unit) =>
    repeated(unit, unit),
  ),
  ...['s3://', 's3://a-b/', 's3://a@b:c@d ', 'https://', 'https://[::1', 'https://[fd00::1]/a'].map(
    (unit) => repeated(unit, unit),
  ),
  ...['arn:aws:s3:::', '--bucket ', '--bucket=', '--conf ', 'mc alias set ', 'aws s3 cp '].map(
    (unit) => repeated(unit, unit),
  ),
  ...['AWS_SECRET_ACCESS_KEY=', 'export AWS_SECRET_ACCESS_KEY=$V ', 'payments-ledger:rw,'].map(
    (unit) => repeated(unit, unit),
  ),
  pieces('own buckets', (number) => `s3://payments-tmp-${number}/x `),
  pieces('foreign buckets', (number) => `s3://foreign-${number}/x `),
  pieces('URLs that name nothing', (number) => `https://h${number}.example/x `),
  pieces('URLs of the store', (number) => `http://minio.storage.svc:9000/b-${number}/../c `),
  pieces('hosts', (number) => `h${number}.example.com `),
  pieces('addresses', (number) => `10.${number % 250}.0.1/32 `),
  pieces('flags', (number) => `--bucket b-${number} `),
  pieces('requests', (number) => `bucket-${number}:rw,`),
  pieces('members of a JSON document', (number) => `{"k${number}":["s3://b-${number}"]},`),
];
