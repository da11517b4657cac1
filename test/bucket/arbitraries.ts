import fc from 'fast-check';
import { parseBucketPattern, type BucketPattern } from '../../src/bucket/bucket-pattern.ts';

/** Few parts, so that random names and patterns meet often. */
const part = fc.constantFrom('a', 'b', 'ab', 'team', 'tmp', '1');
const separator = fc.constantFrom('-', '.');

const joined = fc
  .tuple(part, fc.array(fc.tuple(separator, part), { minLength: 1, maxLength: 4 }))
  .map(([first, rest]) => first + rest.flat().join(''));

/** "team-a.tmp": names a bucket may have. */
export const bucketName = joined.filter((name) => name.length >= 3);

/** "team-*": a name cut at a separator. */
export const prefixPattern = fc
  .tuple(part, fc.array(fc.tuple(separator, part), { maxLength: 3 }), separator)
  .map(([first, rest, last]) => `${first}${rest.flat().join('')}${last}*`);

export const patternText = fc.oneof(bucketName, prefixPattern);

/** Names that detection meets: also such as nobody could create. */
export const anyName = fc.oneof(
  bucketName,
  fc.string({ maxLength: 80 }),
  fc.stringMatching(/^[a-b.-]{0,12}$/),
);

/** The pattern of a text known to be one. */
export function pattern(text: string): BucketPattern {
  const parsed = parseBucketPattern(text);
  if ('problem' in parsed) throw new Error(`${text} ${parsed.problem}`);
  return parsed.pattern;
}
