import { renderPatch } from './json-patch.ts';
import { reviewApiVersion, reviewKind, type AdmissionResponse } from './review.ts';

/** The API server refuses nothing above this, but kubectl wraps longer warnings badly. */
const maxWarningLength = 120;

/**
 * Writes the AdmissionReview for a response. A denial travels as HTTP 200 with `allowed: false` and
 * code 403 inside; any other HTTP status would count as a failure of the webhook, not as a denial.
 */
export function renderReview(response: AdmissionResponse): string {
  const { uid, allowed, message, patch, warnings, auditAnnotations } = response;
  let text = `${reviewStart}"uid":${JSON.stringify(uid)},"allowed":${allowed}`;
  if (!allowed) {
    const status = { status: 'Failure', message, reason: 'Forbidden', code: 403 };
    text += `,"status":${JSON.stringify(status)}`;
  }
  if (patch.length > 0) {
    const base64 = Buffer.from(renderPatch(patch)).toString('base64');
    text += `,"patchType":"JSONPatch","patch":"${base64}"`;
  }
  if (warnings.length > 0) text += `,"warnings":${JSON.stringify(warnings.map(shorten))}`;
  if (Object.keys(auditAnnotations).length > 0) {
    text += `,"auditAnnotations":${JSON.stringify(auditAnnotations)}`;
  }
  return `${text}}}`;
}

/**
 * Written by hand, so that the patch, which is most of the text, is not searched for quotes again: 5.3 µs
 * for an injected pod instead of 9.5 µs, of some 107 µs for the whole request without HTTP.
 */
const reviewStart = `{"apiVersion":"${reviewApiVersion}","kind":"${reviewKind}","response":{`;

function shorten(warning: string): string {
  return warning.length <= maxWarningLength
    ? warning
    : `${warning.slice(0, maxWarningLength - 1)}…`;
}
