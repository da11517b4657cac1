import type { AdmissionRequest } from '../admission/review.ts';
import { formatPath } from '../admission/field-path.ts';
import type { Outcome } from '../engine/actions.ts';
import type { Admission } from '../engine/admit.ts';
import { nameOf } from '../engine/context.ts';
import type { Logger } from './logger.ts';

export type WebhookName = 'mutate' | 'validate';

/** Why a request ended without a decision; `aborted` means that the caller left. */
export type NoDecision = 'malformed' | 'failed' | 'timeout' | 'not_ready' | 'aborted';

/** How a request ended, in the words of the log and the metrics. */
export type DecisionWord = 'allow' | 'warn' | 'deny' | NoDecision;

/** Everything the log says about one request that reached an admission path. */
export interface DecisionRecord {
  readonly webhook: WebhookName;
  readonly decision: DecisionWord;
  /** HTTP status of the answer; 0 when nobody was there to take it. */
  readonly status: number;
  readonly milliseconds: number;
  /** Undefined when the request could not be read. */
  readonly request: AdmissionRequest | undefined;
  readonly admission?: Admission;
  /** Why there is no decision. */
  readonly problem?: string;
}

/** Writes the one line. Objects, tokens, headers and environment values never get here. */
export function logDecision(logger: Logger, record: DecisionRecord): void {
  const { webhook, decision, status, request, admission, problem } = record;
  logger.info(
    {
      ...(request && describeRequest(request)),
      webhook,
      decision,
      status,
      ...(problem !== undefined && { problem }),
      ...(admission && describeAdmission(admission)),
      ms: Math.round(record.milliseconds * 1000) / 1000,
    },
    'decision',
  );
}

function describeRequest(request: AdmissionRequest): object {
  const { uid, operation, resource, subResource, namespace, userInfo, dryRun } = request;
  const gvr = `${resource.group}/${resource.version}/${resource.resource}`;
  return {
    uid,
    operation,
    gvr: subResource === '' ? gvr : `${gvr}/${subResource}`,
    namespace,
    name: nameOf(request),
    user: userInfo.username,
    ...(dryRun && { dryRun }),
  };
}

function describeAdmission({ decision, patch, tenant }: Admission): object {
  const { denied, warned, audited, allowed, message } = decision;
  // A denial without violations comes from no rule; its message is all there is to say.
  const isRefusal = !allowed && denied.length === 0;
  const noted = audited.filter((outcome) => !denied.includes(outcome) && !warned.includes(outcome));
  const violations = [
    ...denied.map((outcome) => describeViolation(outcome, 'Deny')),
    ...warned.map((outcome) => describeViolation(outcome, 'Warn')),
    ...noted.map((outcome) => describeViolation(outcome, 'Audit')),
  ];
  return {
    tenant,
    ...(patch.length > 0 && { operations: patch.length }),
    ...(isRefusal && { problem: message }),
    ...(violations.length > 0 && { violations }),
  };
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
