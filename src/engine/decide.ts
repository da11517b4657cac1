import { formatPath, type FieldPath } from '../admission/field-path.ts';
import { limits } from '../limits.ts';
import type { Review } from '../rules/rule.ts';
import { outcomeOf, type Outcome } from './actions.ts';
import type { BoundedFindings } from './bounded.ts';
import type { Finding } from './finding.ts';

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

/** "path: words" of one violation. */
function withPath({ violation }: Finding, words: string): string {
  const path = formatPath(violation.path);
  return path === '' ? words : `${path}: ${words}`;
}

/** "reason; granted: …" of one violation, without path and fix. */
export function reasonText(finding: Finding): string {
  return `${shortReason(finding)}${allowedText(finding.violation.allowed)}`;
}

function shortReason({ violation: { reason } }: Finding): string {
  const most = limits.maxReasonCharacters;
  return reason.length <= most ? reason : `${reason.slice(0, most)}…`;
}

/** What to do about one violation. */
export function fixText({ rule, violation }: Finding): string {
  return violation.fix ?? rule.fix;
}

/** One line per warning, which is cut at 120 characters: without the list of what is granted. */
export function warningText({ finding, exemption }: Outcome): string {
  if (exemption !== undefined) {
    return `${finding.rule.id}: exempt until ${exemption.expires} (${exemption.reason}): ${formatPath(finding.violation.path)}`;
  }
  return `${finding.rule.id}: ${withPath(finding, shortReason(finding))}`;
}

function denialMessage(
  denied: readonly Outcome[],
  { review, omitted }: { readonly review: Review; readonly omitted: number },
): string {
  const count = denied.length + omitted;
  const shown = denied.slice(0, limits.maxReportedViolations);
  const rest = count - shown.length;
  return [
    `${subjectText(review)} ${count === 1 ? 'breaks a rule' : `breaks rules in ${count} places`}:`,
    ...shown.map(
      ({ finding }) =>
        `- [${finding.rule.id}] ${withPath(finding, reasonText(finding))}. ${fixText(finding)}`,
    ),
    ...(rest > 0 ? [`- and ${rest} more`] : []),
  ].join('\n');
}

/** `Pod "payments/report" of tenant "payments"`; a contested namespace has no tenant to name. */
function subjectText({ kind, namespace, name, world: { tenant } }: Review): string {
  const what = `${kind.kind} "${namespace === '' ? name : `${namespace}/${name}`}"`;
  if (tenant === undefined) return what;
  if (tenant.isContested) return `${what} (in a namespace claimed by more than one StorageTenant)`;
  return `${what} of tenant "${tenant.name}"`;
}

function allowedText(list: readonly string[] | undefined): string {
  if (list === undefined) return '';
  if (list.length === 0) return '; nothing is granted here';
  const shown = list
    .slice(0, limits.maxListedGrants)
    .map((item) => `"${item}"`)
    .join(', ');
  const rest = list.length - limits.maxListedGrants;
  return `; granted: ${shown}${rest > 0 ? ` and ${rest} more` : ''}`;
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
