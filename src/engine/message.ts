import { formatPath } from '../admission/field-path.ts';
import { limits } from '../limits.ts';
import type { Review } from '../rules/rule.ts';
import type { Outcome } from './actions.ts';
import type { Finding } from './finding.ts';

/**
 * What the user reads when a request is denied: the object, the first violations with their fixes, and
 * how many more there are.
 * @param denied at least one, in the order of the message
 */
export function denialMessage(
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
