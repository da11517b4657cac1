import { formatPath, type FieldPath } from '../admission/field-path.ts';
import type { Review } from '../rules/rule.ts';
import { outcomeOf, type Outcome } from './actions.ts';
import { denialMessage } from './message.ts';
import type { BoundedFindings } from './bounded.ts';

/** The one outcome of a request, before it is put into any format. */
export interface Decision {
  readonly allowed: boolean;
  /** Empty when allowed. */
  readonly message: string;
  readonly denied: readonly Outcome[];
  readonly warned: readonly Outcome[];
  readonly audited: readonly Outcome[];
  /** Violations beyond those above, which are bounded. */
  readonly omitted: number;
}

/** Decides once, after all rules. */
export function decide(
  { findings, omitted }: BoundedFindings,
  { review, now }: { readonly review: Review; readonly now: Date },
): Decision {
  if (findings.length === 0) return allowed;
  const outcomes = findings
    .map((finding) => outcomeOf(finding, { review, now }))
    .sort(byRuleAndPath);
  const denied = once(outcomes.filter(({ actions }) => actions.includes('Deny')));
  return {
    allowed: denied.length === 0,
    message: denied.length === 0 ? '' : denialMessage(denied, { review, omitted }),
    denied,
    warned: once(outcomes.filter(({ actions }) => actions.includes('Warn'))),
    audited: once(outcomes.filter(({ actions }) => actions.includes('Audit'))),
    omitted,
  };
}

/** A mistyped field breaks every rule that would have read it; the user is told once. */
function once(outcomes: readonly Outcome[]): readonly Outcome[] {
  const seen = new Set<string>();
  return outcomes.filter(({ finding: { violation } }) => {
    const text = `${formatPath(violation.path)}: ${violation.reason}`;
    const isNew = !seen.has(text);
    seen.add(text);
    return isNew;
  });
}

/** The decision on a request that no rule objects to. */
export const allowed: Decision = Object.freeze({
  allowed: true,
  message: '',
  denied: [],
  warned: [],
  audited: [],
  omitted: 0,
});

/** A denial that comes from no rule, such as a kind that nobody judges. */
export function refusal(message: string): Decision {
  return { ...allowed, allowed: false, message };
}

/** Stable order, so that the same object always gets the same text. */
function byRuleAndPath(one: Outcome, other: Outcome): number {
  return (
    compare(one.finding.rule.id, other.finding.rule.id) ||
    comparePaths(one.finding.violation.path, other.finding.violation.path) ||
    compare(one.finding.violation.reason, other.finding.violation.reason)
  );
}

/** Lists in their own order: "args[2]" comes before "args[10]". */
function comparePaths(one: FieldPath, other: FieldPath): number {
  for (let at = 0; at < one.length && at < other.length; at++) {
    const [left = '', right = ''] = [one[at], other[at]];
    const isIndex = typeof left === 'number' && typeof right === 'number';
    const order = isIndex ? left - right : compare(String(left), String(right));
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
