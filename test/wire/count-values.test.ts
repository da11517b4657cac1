import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/limits.ts';
import { hasMoreValuesThan } from '../../src/server/http/count-values.ts';
import { aPod } from '../builders.ts';
import { anApp, aReview, post } from './wire.ts';

/** A review whose pod holds this much JSON. */
function reviewWith(json: string): string {
  return JSON.stringify(aReview({ object: aPod({ spec: { padding: 'HERE' } }) })).replace(
    '"HERE"',
    json,
  );
}

describe('a body of very many values', () => {
  const json = `[${'{},'.repeat(limits.maxJsonValues)}{}]`;

  it.each([
    ['/mutate', reviewWith(json)],
    ['/validate', `\n${reviewWith(json)}`],
  ])('is refused on %s before it is parsed', async (path, body) => {
    const app = anApp();
    const answer = await post(app, path, body);
    expect(answer.status).toBe(413);
    expect(answer.body).toEqual({
      code: 'malformed-request',
      message: `body: more than ${limits.maxJsonValues} values`,
    });
    expect(app.decisions()).toEqual([
      expect.objectContaining({ decision: 'malformed', status: 413 }),
    ]);
  });

  it('is judged up to the limit, and whatever its texts hold', async () => {
    const app = anApp();
    // Each "{}," is counted twice.
    const half = limits.maxJsonValues / 2 - 1_000;
    expect((await post(app, '/validate', reviewWith(`[${'{},'.repeat(half)}{}]`))).status).toBe(
      200,
    );
    const text = JSON.stringify('{"a":[1,2]},\\'.repeat(limits.maxJsonValues / 4));
    expect((await post(app, '/validate', reviewWith(text))).status).toBe(200);
  });
});

describe('hasMoreValuesThan', () => {
  it('counts commas and what opens lists and objects, outside of texts', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.integer({ min: 0, max: 40 }), (json, most) => {
        const outside = json.replaceAll(/"(?:[^"\\]|\\.)*"/g, '');
        const count = outside.replaceAll(/[^,[{]/g, '').length;
        expect(hasMoreValuesThan(most, json)).toBe(json.length >= most * 2 && count > most);
      }),
    );
  });

  it('leaves a text without an end to the parser', () => {
    expect(hasMoreValuesThan(1, '["a,,,,,,,,,,\\"')).toBe(false);
  });
});
