import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../src/engine/load-policy.ts';
import { rules } from '../src/rules/index.ts';

const root = new URL('../', import.meta.url);
const read = (file: string): { file: string; text: string } => ({
  file,
  text: readFileSync(new URL(file, root), 'utf8'),
});

describe('examples/', () => {
  it('has tenants and a config that are accepted together', () => {
    const ruleIds = new Set(rules.map(({ id }) => id));
    const policy = loadPolicy(
      { config: read('examples/config.yaml'), tenants: [read('examples/tenants.yaml')] },
      ruleIds,
    );
    expect([...policy.tenants.tenants.keys()]).toEqual(['payments', 'analytics']);
  });

  it('explains itself: every file begins with a comment', () => {
    const files = readdirSync(new URL('examples', root), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.yaml'))) {
      expect(read(`examples/${file}`).text, file).toMatch(/^# /);
    }
  });
});
