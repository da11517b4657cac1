import type { Action } from '../declaration/schema.ts';
import type { ExemptionEntry } from '../declaration/storage-tenant.ts';
import type { RuleInput } from '../rules/rule.ts';
import { serviceAccountOf } from '../objects/workload/pod-template.ts';
import type { Finding } from './evaluate.ts';

/** What follows from one finding. */
export interface Outcome {
  readonly finding: Finding;
  readonly actions: readonly Action[];
  /** The exemption that turned a denial into a note. */
  readonly exemption: ExemptionEntry | undefined;
}

/** Default of the rule < cluster config < tenant < tenant's rule < exemption; see docs/operate.md. */
export function outcomeOf(
  finding: Finding,
  { input, now }: { readonly input: RuleInput; readonly now: Date },
): Outcome {
  const exemption = findExemption(finding, { input, now });
  if (exemption !== undefined) return { finding, actions: ['Warn', 'Audit'], exemption };
  const configured = finding.violation.actions ?? configuredActions(finding, input);
  const mayDeny = finding.violation.limit === undefined && !finding.isOld;
  return { finding, actions: mayDeny ? configured : soften(configured), exemption: undefined };
}

function configuredActions({ rule }: Finding, { tenant, settings }: RuleInput): readonly Action[] {
  const cluster = settings.ruleActions.get(rule.id) ?? rule.defaultActions;
  if (rule.harmsOthers || tenant === undefined) return cluster;
  return tenant.ruleActions.get(rule.id) ?? tenant.actions ?? cluster;
}

function soften(actions: readonly Action[]): readonly Action[] {
  return [...new Set(actions.map((action) => (action === 'Deny' ? 'Warn' : action)))];
}

/** Each exemption stands alone; two never combine into a wider one. It holds to the end of its day. */
function findExemption(
  { rule }: Finding,
  { input, now }: { readonly input: RuleInput; readonly now: Date },
): ExemptionEntry | undefined {
  const today = now.toISOString().slice(0, 10);
  return input.tenant?.exemptions.find(
    (entry) =>
      entry.rule === rule.id &&
      entry.namespace === input.namespace &&
      entry.expires >= today &&
      coversObject(entry, input),
  );
}

function coversObject({ serviceAccount, kind, name }: ExemptionEntry, input: RuleInput): boolean {
  if (serviceAccount !== undefined) {
    return input.workload !== undefined && serviceAccountOf(input.workload) === serviceAccount;
  }
  return kind === input.kind.kind && name === input.name;
}
