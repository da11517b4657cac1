import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatPath } from '../src/admission/field-path.ts';
import type { admit } from '../src/engine/admit.ts';
import { fixText } from '../src/engine/message.ts';
import { mutations } from '../src/inject/mutations.ts';
import { limits } from '../src/limits.ts';
import { matchesOf } from '../src/manifests/webhook-rules.ts';
import { kindOf } from '../src/objects/kinds.ts';
import { rules } from '../src/rules/index.ts';
import type { Rule } from '../src/rules/rule.ts';
import { exampleEngine } from './example-engine.ts';
import { requestFor, reviewRequest } from './example-request.ts';

const engine = await exampleEngine();

describe('the list of rules', () => {
  it('holds every rule file, sorted by id, and an id is its file name', () => {
    const files = readdirSync(new URL('../src/rules', import.meta.url), {
      recursive: true,
      encoding: 'utf8',
    })
      .filter((file) => file.endsWith('.ts'))
      .filter((file) =>
        readFileSync(new URL(`../src/rules/${file}`, import.meta.url), 'utf8').includes(
          ': RuleOf<',
        ),
      )
      .map((file) => basename(file, '.ts'));
    expect(rules.map(({ id }) => id)).toEqual(files.sort());
  });

  it('knows the kind behind every resource that is matched', () => {
    const matched = matchesOf([...rules, ...mutations]).flatMap(({ group, resources }) =>
      resources.map((resource) => ({ group, resource })),
    );
    for (const { group, resource } of matched) {
      const main = resource.split('/', 1)[0] ?? '';
      expect(kindOf(group, main), `${group}/${resource}`).toBeDefined();
    }
  });

  it('speaks in sentences that end without a full stop, which messages add', () => {
    for (const { title, fix } of rules) {
      expect(title).toMatch(/^[A-Z].*[^.]$/);
      expect(fix).toMatch(/^[A-Z].*[^.]$/);
    }
  });
});

describe.each(rules)('$id', (rule) => {
  it.each(rule.examples.allowed)('allows $name', async (example) => {
    const { decision } = await reviewRequest(requestFor(example), engine);
    expect(decision.message).toBe('');
    expect(decision.allowed).toBe(true);
  });

  it.each(rule.examples.denied)('denies $name', async (example) => {
    const { decision } = await reviewRequest(requestFor(example), engine);
    expect(decision.allowed).toBe(false);
    expect(pathsOf(rule, decision)).toEqual(example.paths);
  });

  it.each(rule.examples.denied)(
    'says the path, the reason and the fix of each: $name',
    async (example) => {
      const { decision } = await reviewRequest(requestFor(example), engine);
      for (const { finding } of decision.denied.slice(0, limits.maxReportedViolations)) {
        const { path, reason } = finding.violation;
        expect(reason).not.toMatch(/^$|undefined|\[object/);
        expect(decision.message).toContain(`[${finding.rule.id}] ${formatPath(path)}: ${reason}`);
        expect(decision.message).toContain(`. ${fixText(finding)}`);
      }
      expect(decision.message).toMatch(/breaks (a rule|rules in \d+ places):\n- \[/);
    },
  );

  it('decides alike in every served version', async () => {
    for (const example of rule.examples.denied) {
      for (const version of ['v1', 'v1beta1', 'v1alpha3']) {
        const { decision } = await reviewRequest(requestFor(example, version), engine);
        expect(pathsOf(rule, decision)).toEqual(example.paths);
      }
    }
  });
});

function pathsOf(rule: Rule, decision: Awaited<ReturnType<typeof admit>>['decision']): string[] {
  return decision.denied
    .filter(({ finding }) => finding.rule === rule)
    .map(({ finding }) => formatPath(finding.violation.path))
    .sort();
}
