import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listOf, recordOf, type JsonRecord } from '../../src/admission/json.ts';

const page = readFileSync(new URL('../../docs/store.md', import.meta.url), 'utf8');
const statements = [...page.matchAll(/```json\n([^]*?)\n```/g)].flatMap(([, text = '']) =>
  listOf(recordOf(JSON.parse(text))['Statement']).map(recordOf),
);
const having = (effect: string): JsonRecord[] =>
  statements.filter((statement) => statement['Effect'] === effect);

describe('the policy of docs/store.md', () => {
  it('denies forged subjects, static keys and long sessions', () => {
    expect(having('Deny').map(({ Sid }) => Sid)).toEqual([
      'NoForgedSubject',
      'NoStaticKeys',
      'NoLongSessions',
    ]);
  });

  it('allows nothing without a condition on the subject of the token', () => {
    const allowing = having('Allow');
    expect(allowing.length).toBeGreaterThan(3);
    for (const { Sid, Condition } of allowing) {
      const keys = Object.values(recordOf(Condition)).flatMap((test) =>
        Object.keys(recordOf(test)),
      );
      expect(keys, String(Sid)).toContain('jwt:sub');
    }
  });

  it('compares no claim but the subject, since a client can set the others', () => {
    const claims = JSON.stringify(statements).match(/jwt:\w+/g);
    expect(new Set(claims)).toEqual(new Set(['jwt:sub']));
  });
});
