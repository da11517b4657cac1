import { reviewApiVersion, reviewKind, type AdmissionResponse } from './review.ts';

/** The API server refuses nothing above this, but kubectl wraps longer warnings badly. */
export const maxWarningLength = 120;

/**
 * Writes the AdmissionReview for a response. A denial travels as HTTP 200 with `allowed: false` and
 * code 403 inside; any other HTTP status would count as a failure of the webhook, not as a denial.
 */
export function renderReview(response: AdmissionResponse): string {
  const status = response.allowed
    ? undefined
    : { status: 'Failure', message: response.message, reason: 'Forbidden', code: 403 };
  return JSON.stringify({
    apiVersion: reviewApiVersion,
    kind: reviewKind,
    response: {
      uid: response.uid,
      allowed: response.allowed,
      ...(status && { status }),
      ...(response.patch.length > 0 && {
        patchType: 'JSONPatch',
        patch: Buffer.from(JSON.stringify(response.patch)).toString('base64'),
      }),
      ...(response.warnings.length > 0 && { warnings: response.warnings.map(shorten) }),
      ...(Object.keys(response.auditAnnotations).length > 0 && {
        auditAnnotations: response.auditAnnotations,
      }),
    },
  });
}

function shorten(warning: string): string {
  return warning.length <= maxWarningLength
    ? warning
    : `${warning.slice(0, maxWarningLength - 1)}…`;
}
