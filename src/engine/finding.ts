import type { Rule, Violation } from '../rules/rule.ts';

/** A violation with its rule, and whether the object had it before this request. */
export interface Finding {
  readonly rule: Rule;
  readonly violation: Violation;
  readonly isOld: boolean;
}
