import {
  BucketwardenError,
  MalformedRequestError,
  NotReadyError,
  UnknownAnswerError,
} from '../../errors.ts';
import type { NoDecision } from '../../telemetry/decision-log.ts';

/** The caller has closed the connection. */
export class CallerLeftError extends UnknownAnswerError {}

/** Time ran out: HTTP 500, because a guess is not an answer. */
export class DeadlineError extends UnknownAnswerError {}

/** The bodies of other requests leave no room for this one: HTTP 503, so that failurePolicy decides. */
export class OverloadedError extends BucketwardenError {
  readonly code = 'overloaded';

  constructor() {
    super('too many bytes of request bodies are in flight');
  }
}

/** The client certificate is valid, but has none of the required names: HTTP 403. */
export class UnacceptedCallerError extends BucketwardenError {
  readonly code = 'unaccepted-caller';

  constructor(name: string) {
    super(
      `the client certificate is of ${JSON.stringify(name)}, which --client-name does not list`,
    );
  }
}

/** A request that ends without a decision: what the caller is told, and how it is counted. */
export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly decision: NoDecision;
}

/** Puts an error into the words of HTTP. Only our own errors' texts leave the process. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof BucketwardenError)) return internalFailure;
  const { code, message } = error;
  if (error instanceof MalformedRequestError) {
    return { status: error.status, code, message, decision: 'malformed' };
  }
  if (error instanceof NotReadyError) return { status: 503, code, message, decision: 'not_ready' };
  if (error instanceof OverloadedError) {
    return { status: 503, code, message, decision: 'overloaded' };
  }
  if (error instanceof UnacceptedCallerError) {
    return { status: 403, code, message, decision: 'unaccepted' };
  }
  if (error instanceof CallerLeftError) return { status: 0, code, message, decision: 'aborted' };
  if (error instanceof DeadlineError) return { status: 500, code, message, decision: 'timeout' };
  if (error instanceof UnknownAnswerError) {
    return { status: 500, code, message, decision: 'failed' };
  }
  return internalFailure;
}

const internalFailure: Failure = {
  status: 500,
  code: 'internal',
  message: 'internal error; the log of Bucketwarden has it under the uid of this request',
  decision: 'failed',
};
