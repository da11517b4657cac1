import type { AdmissionRequest } from '../admission/review.ts';
import { formatPath } from '../admission/field-path.ts';
import type { Outcome } from '../engine/actions.ts';
import type { Admission } from '../engine/admit.ts';
import { nameOf } from '../engine/context.ts';
import type { Decision } from '../engine/decide.ts';
import { limits } from '../limits.ts';
import type { Logger } from './logger.ts';

export type WebhookName = 'mutate' | 'validate';

/** Why a request ended without a decision; `aborted` means that the caller left. */
export type NoDecision =
  'malformed' | 'failed' | 'timeout' | 'not_ready' | 'overloaded' | 'unaccepted' | 'aborted';

/** How a request ended, in the words of the log and the metrics. */
export type DecisionWord = 'allow' | 'warn' | 'deny' | NoDecision;

/** Everything the log says about one request that reached an admission path. */
export interface DecisionRecord {
  readonly webhook: WebhookName;
  readonly decision: DecisionWord;
  /** HTTP status of the answer; 0 when the caller had left. */
  readonly status: number;
  readonly milliseconds: number;
  /** Name in the client certificate; undefined without one, when anybody may have sent the request. */
  readonly caller: string | undefined;
  /** Undefined when the request could not be read. */
  readonly request: AdmissionRequest | undefined;
  /** Known without the request when that was denied unread. */
  readonly uid: string | undefined;
  readonly admission?: Admission;
  /** Why there is no decision. */
  readonly problem?: string;
}

/** Writes the one line. Objects, tokens, headers and environment values never get here. */
export function logDecision(logger: Logger, record: DecisionRecord): void {
  const { request, admission, milliseconds } = record;
  // One literal with undefined members, which pino leaves out: merging objects costs more than writing.
  logger.info(
    {
      uid: record.uid,
      operation: request?.operation,
      gvr: request && addressOf(request),
      namespace: request?.namespace,
      name: request && nameOf(request),
      user: request?.userInfo.username,
      caller: record.caller,
      callerAuthenticated: record.caller !== undefined,
      dryRun: request?.dryRun === true ? true : undefined,
      webhook: record.webhook,
      decision: record.decision,
      status: record.status,
      problem: problemOf(record),
      tenant: admission?.tenant,
      operations: admission?.patch.length,
      violations: admission && violationsOf(admission.decision),
      violationCount: hiddenCountOf(admission),
      ms: Math.round(milliseconds * 1000) / 1000,
    },
    'decision',
  );
}

function addressOf({ resource, subResource }: AdmissionRequest): string {
  const gvr = `${resource.group}/${resource.version}/${resource.resource}`;
  return subResource === '' ? gvr : `${gvr}/${subResource}`;
}

/** A denial without violations comes from no rule; its message is all there is to say. */
function problemOf({ admission, problem }: DecisionRecord): string | undefined {
  if (admission === undefined) return problem;
  const { allowed, denied, message } = admission.decision;
  return !allowed && denied.length === 0 ? message : problem;
}

/** Everything denied and warned of, and what is only audited: the first of them, each once. */
function violationsOf(decision: Decision): object[] | undefined {
  const count = violationCount(decision);
  if (count === 0) return undefined;
  const { denied, warned, audited } = decision;
  const most = limits.maxLoggedViolations;
  const shown = new Set([...denied, ...warned]);
  return [
    ...denied.slice(0, most).map((outcome) => describeViolation(outcome, 'Deny')),
    ...warned.slice(0, most).map((outcome) => describeViolation(outcome, 'Warn')),
    ...audited
      .filter((outcome) => !shown.has(outcome))
      .slice(0, most)
      .map((outcome) => describeViolation(outcome, 'Audit')),
  ].slice(0, most);
}

/** How many there are, when not all of them are shown. */
function hiddenCountOf(admission: Admission | undefined): number | undefined {
  const count = admission === undefined ? 0 : violationCount(admission.decision);
  return count > limits.maxLoggedViolations ? count : undefined;
}

function violationCount({ denied, warned, audited, omitted }: Decision): number {
  if (audited.length === 0) return denied.length + warned.length + omitted;
  return new Set([...denied, ...warned, ...audited]).size + omitted;
}

function describeViolation({ finding, exemption }: Outcome, action: string): object {
  const { rule, violation } = finding;
  return {
    rule: rule.id,
    action,
    path: formatPath(violation.path),
    reason: violation.reason,
    ...(exemption && { exemption: exemption.reason }),
  };
}
