import type { Action } from '../declaration/schema.ts';
import type { ExemptionEntry } from '../declaration/storage-tenant.ts';
import type { Review } from '../rules/rule.ts';
import { serviceAccountOf } from '../objects/workload/pod-template.ts';
import type { Finding } from './finding.ts';

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
  { review, now }: { readonly review: Review; readonly now: Date },
): Outcome {
  const exemption = findExemption(finding, { review, now });
  if (exemption !== undefined) return { finding, actions: ['Warn', 'Audit'], exemption };
  const configured = finding.violation.actions ?? configuredActions(finding, review);
  const mayDeny = finding.violation.limit === undefined && !finding.isOld;
  return { finding, actions: mayDeny ? configured : soften(configured), exemption: undefined };
}

function configuredActions({ rule }: Finding, { world }: Review): readonly Action[] {
  const { tenant, settings } = world;
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
  { review, now }: { readonly review: Review; readonly now: Date },
): ExemptionEntry | undefined {
  const today = now.toISOString().slice(0, 10);
  return review.world.tenant?.exemptions.find(
    (entry) =>
      entry.rule === rule.id &&
      entry.namespace === review.namespace &&
      entry.expires >= today &&
      coversObject(entry, review),
  );
}

function coversObject({ serviceAccount, kind, name }: ExemptionEntry, review: Review): boolean {
  if (serviceAccount !== undefined) {
    return review.workload !== undefined && serviceAccountOf(review.workload) === serviceAccount;
  }
  return kind === review.kind.kind && name === review.name;
}
