import { renderPatch } from './json-patch.ts';
import { reviewApiVersion, reviewKind, type AdmissionResponse } from './review.ts';

/** The API server refuses nothing above this, but kubectl wraps longer warnings badly. */
export const maxWarningLength = 120;

/**
 * Writes the AdmissionReview for a response. A denial travels as HTTP 200 with `allowed: false` and
 * code 403 inside; any other HTTP status would count as a failure of the webhook, not as a denial.
 */
export function renderReview(response: AdmissionResponse): string {
  const { uid, allowed, message, patch, warnings, auditAnnotations } = response;
  const members = [`"uid":${JSON.stringify(uid)}`, `"allowed":${allowed}`];
  if (!allowed) {
    const status = { status: 'Failure', message, reason: 'Forbidden', code: 403 };
    members.push(`"status":${JSON.stringify(status)}`);
  }
  if (patch.length > 0) {
    const base64 = Buffer.from(renderPatch(patch)).toString('base64');
    members.push(`"patchType":"JSONPatch","patch":"${base64}"`);
  }
  if (warnings.length > 0) members.push(`"warnings":${JSON.stringify(warnings.map(shorten))}`);
  if (Object.keys(auditAnnotations).length > 0) {
    members.push(`"auditAnnotations":${JSON.stringify(auditAnnotations)}`);
  }
  return `${reviewStart}${members.join(',')}}}`;
}

/** Written by hand, so that the patch, which is most of the text, is not searched for quotes again. */
const reviewStart = `{"apiVersion":"${reviewApiVersion}","kind":"${reviewKind}","response":{`;

function shorten(warning: string): string {
  return warning.length <= maxWarningLength
    ? warning
    : `${warning.slice(0, maxWarningLength - 1)}…`;
}
