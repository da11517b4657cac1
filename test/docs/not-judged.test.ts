import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rules } from '../../src/rules/index.ts';

const page = readFileSync(new URL('../../docs/threat-model.md', import.meta.url), 'utf8');

/** The rules that the list of the threat model calls planned. */
function plannedRules(): readonly string[] {
  const section = /### Not judged in this version\n([^]*?)\n### /.exec(page)?.[1] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| object'))
    .flatMap((line) => [...(line.split('|').at(-2) ?? '').matchAll(/`([a-z-]+)`/g)])
    .map(([, id = '']) => id);
}

describe('"Not judged in this version"', () => {
  it('names planned rules', () => {
    expect(plannedRules()).toContain('gateway-host');
  });

  it('is shortened when a rule arrives', () => {
    const ids = new Set(rules.map(({ id }) => id));
    expect(plannedRules().filter((id) => ids.has(id))).toEqual([]);
  });
});
