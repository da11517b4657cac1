import { BucketwardenError } from '../errors.ts';

/** The API server could not be asked, or answered with a failure. */
export class ClusterError extends BucketwardenError {
  readonly code = 'cluster';
  /** HTTP status of the answer; undefined when there was none. */
  readonly status: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly status?: number } = {}) {
    super(message, options);
    this.status = options.status;
  }
}

/** True when the API server answered that there is no such object. */
export function isNotFound(error: unknown): boolean {
  return hasStatus(error, 404);
}

/** True when somebody else changed or made the object first. */
export function isConflict(error: unknown): boolean {
  return hasStatus(error, 409);
}

/** True when a resourceVersion is older than what the API server remembers. */
export function isGone(error: unknown): boolean {
  return hasStatus(error, 410);
}

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof ClusterError && error.status === status;
}
