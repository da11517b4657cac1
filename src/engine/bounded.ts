import { limits } from '../limits.ts';
import type { Finding } from './finding.ts';

/** Findings of one rule that are spelt out, and how many more there are. */
export interface BoundedFindings {
  readonly findings: readonly Finding[];
  readonly omitted: number;
}

/**
 * Keeps the first findings of one rule and counts the rest. Those that may deny come first, and each
 * set of actions of their own is bounded apart, so that nothing that would deny hides behind the bound.
 */
export function boundFindings(all: readonly Finding[]): BoundedFindings {
  const most = limits.maxViolationsPerRule;
  if (all.length <= most) return { findings: all, omitted: 0 };
  const groups = Map.groupBy(all, ({ violation }) => violation.actions?.join(' '));
  const findings = [...groups.values()].flatMap((group) => group.sort(denyingFirst).slice(0, most));
  return { findings, omitted: all.length - findings.length };
}

function denyingFirst(one: Finding, other: Finding): number {
  return Number(mayDeny(other)) - Number(mayDeny(one));
}

function mayDeny({ isOld, violation }: Finding): boolean {
  return !isOld && violation.limit === undefined;
}
