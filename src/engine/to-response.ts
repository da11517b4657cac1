import type { AdmissionResponse } from '../admission/review.ts';
import { limits } from '../limits.ts';
import type { Admission } from './admit.ts';
import type { Decision } from './decide.ts';
import { warningText } from './message.ts';

/** What a decision amounts to, in one word. */
export function decisionWord({ allowed, warned }: Decision): 'allow' | 'warn' | 'deny' {
  if (!allowed) return 'deny';
  return warned.length > 0 ? 'warn' : 'allow';
}

/** The answer of /validate: verdict, warnings, and what the cluster's audit log should keep. */
export function toValidateResponse(uid: string, admission: Admission): AdmissionResponse {
  const { decision } = admission;
  return {
    uid,
    allowed: decision.allowed,
    message: decision.message,
    warnings: warningsOf(decision),
    auditAnnotations: auditAnnotations(admission),
    patch: [],
  };
}

/** One line each, and one for those that are too many to read. */
function warningsOf({ warned }: Decision): readonly string[] {
  const shown = warned.slice(0, limits.maxWarnings).map(warningText);
  const rest = warned.length - shown.length;
  return rest > 0 ? [...shown, `bucketwarden: and ${rest} more warnings`] : shown;
}

/** The answer of /mutate, which changes and never denies. */
export function toMutateResponse(uid: string, { patch }: Admission): AdmissionResponse {
  return { uid, allowed: true, message: '', warnings: [], auditAnnotations: {}, patch };
}

/** The API server puts the webhook's name before each key. */
function auditAnnotations({ decision, tenant }: Admission): Readonly<Record<string, string>> {
  const { denied, warned, audited } = decision;
  const rules = new Set([...denied, ...warned, ...audited].map(({ finding }) => finding.rule.id));
  return {
    decision: decisionWord(decision),
    ...(tenant !== '' && { tenant }),
    ...(rules.size > 0 && { rules: [...rules].sort().join(',') }),
  };
}
