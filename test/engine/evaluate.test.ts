import { describe, expect, it } from 'vitest';
import { admit, type Engine } from '../../src/engine/admit.ts';
import { RuleRegistry } from '../../src/engine/registry.ts';
import { rules } from '../../src/rules/index.ts';
import type { Rule, Violation } from '../../src/rules/rule.ts';
import { limits } from '../../src/limits.ts';
import { aConfig, anEngine, aPodWith, aRequest } from '../builders.ts';

const [first] = rules;
if (first === undefined) throw new Error('no rules');

function engineWith(changed: readonly Rule[], config = aConfig()): Engine {
  return { ...anEngine({ config }), registry: new RuleRegistry(changed) };
}

function ruleWith(violations: readonly Violation[]): Rule {
  return { ...first, id: 'bucket-outside-tenant', validate: () => violations } as Rule;
}

function many(count: number, more: Partial<Violation> = {}): Violation[] {
  return Array.from({ length: count }, (_, index) => ({
    path: ['spec', index],
    reason: `is wrong (${index})`,
    ...more,
  }));
}

describe('what a rule is about', () => {
  it('is its subject and not the list of requests that it matches', async () => {
    const copies = rules.map((rule) => ({
      ...rule,
      subject: { ...rule.subject, match: [...rule.subject.match] },
    }));
    const template = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      podSpec: 'spec.template.spec',
    };
    const config = aConfig({ detection: { templates: [template] } });
    const pod = aPodWith({ env: [{ name: 'AWS_ACCESS_KEY_ID', value: 'x' }] });
    const rollout = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: { name: 'report', namespace: 'payments' },
      spec: { template: { spec: pod['spec'] } },
    };
    const resource = { group: 'argoproj.io', version: 'v1alpha1', resource: 'rollouts' };
    for (const request of [
      aRequest({ object: rollout, resource }),
      aRequest({ object: rollout, oldObject: rollout, resource }),
      aRequest({ object: pod }),
      aRequest({ object: pod, oldObject: pod }),
    ]) {
      const expected = await admit(request, engineWith(rules, config));
      const found = await admit(request, engineWith(copies, config));
      expect(found.decision.message).toBe(expected.decision.message);
    }
  });
});

describe('the violations of one rule', () => {
  const most = limits.maxViolationsPerRule;

  it('are spelt out up to a limit, and all of them are counted', async () => {
    const { decision } = await admit(aRequest(), engineWith([ruleWith(many(most + 50))]));
    expect(decision.denied).toHaveLength(most);
    expect(decision.omitted).toBe(50);
    expect(decision.message).toContain(`breaks rules in ${most + 50} places`);
    expect(decision.message).toMatch(
      new RegExp(`- and ${most + 50 - limits.maxReportedViolations} more$`),
    );
  });

  it('deny behind any number that only warn', async () => {
    const violations = [...many(most + 1, { limit: 'Warn' }), ...many(1)];
    const { decision } = await admit(aRequest(), engineWith([ruleWith(violations)]));
    expect(decision.allowed).toBe(false);
  });

  it('deny by an action of their own behind any number that only warn', async () => {
    const config = aConfig({ rules: { 'bucket-outside-tenant': ['Warn'] } });
    const violations = [...many(most + 1), ...many(1, { actions: ['Deny'] })];
    const { decision } = await admit(aRequest(), engineWith([ruleWith(violations)], config));
    expect(decision.allowed).toBe(false);
  });
});
