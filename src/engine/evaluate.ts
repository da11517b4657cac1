import { isDeepStrictEqual } from 'node:util';
import { pathWithoutIndexes } from '../admission/field-path.ts';
import type { Rule, RuleInput, Violation } from '../rules/rule.ts';
import { workloadMatch } from '../objects/workload/match.ts';
import { findWorkload } from '../objects/workload/pod-template.ts';
import { inputForOldObject } from './context.ts';

/** A violation with its rule, and whether the object had it before this request. */
export interface Finding {
  readonly rule: Rule;
  readonly violation: Violation;
  readonly isOld: boolean;
}

/** Runs the rules; all of them, so that a user sees every problem at once. */
export function evaluate(rules: readonly Rule[], input: RuleInput): Finding[] {
  const template = compareTemplates(input);
  return rules
    .filter(({ scope }) => scope === 'cluster' || input.tenant !== undefined)
    .flatMap((rule) => {
      const judgesTemplate = rule.match === workloadMatch && template !== 'none';
      if (judgesTemplate && template === 'same') return [];
      const violations = rule.validate(input);
      const old = judgesTemplate ? none : oldViolations(rule, { input, violations });
      return violations.map((violation) => ({
        rule,
        violation,
        isOld: old.has(identityOf(violation)),
      }));
    });
}

const none: ReadonlySet<string> = new Set();

/**
 * An UPDATE denies only what it adds. For pod templates that is all or nothing: an unchanged one
 * passes (scaling, status, finalizers), a changed one makes new pods and is judged whole.
 */
function compareTemplates(input: RuleInput): 'same' | 'changed' | 'none' {
  const { workload, oldObject, kind, settings } = input;
  if (workload === undefined || workload.isPod || oldObject === undefined) return 'none';
  const before = findWorkload(oldObject, kind, settings.detection.podSpecPaths);
  const isSame =
    isDeepStrictEqual(before?.spec, workload.spec) &&
    isDeepStrictEqual(before?.metadata, workload.metadata);
  return isSame ? 'same' : 'changed';
}

/** Rules run on the old object only when there is something to compare. */
function oldViolations(
  rule: Rule,
  { input, violations }: { readonly input: RuleInput; readonly violations: readonly Violation[] },
): ReadonlySet<string> {
  // On DELETE the old object is the one being judged: nothing about it is forgiven as old.
  if (violations.length === 0 || input.operation !== 'UPDATE' || !input.oldObject) return none;
  const before = rule.validate(inputForOldObject(input, input.oldObject));
  return new Set(before.map(identityOf));
}

function identityOf({ path, value }: Violation): string {
  return `${pathWithoutIndexes(path)}\u0000${value}`;
}
