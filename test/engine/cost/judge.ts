import { decodeReview } from '../../../src/admission/decode.ts';
import { renderReview } from '../../../src/admission/respond.ts';
import { admit, mutate, type Engine } from '../../../src/engine/admit.ts';
import {
  decisionWord,
  toMutateResponse,
  toValidateResponse,
} from '../../../src/engine/to-response.ts';
import { MalformedRequestError } from '../../../src/errors.ts';
import { limits } from '../../../src/limits.ts';
import { logDecision, type WebhookName } from '../../../src/telemetry/decision-log.ts';
import type { Logger } from '../../../src/telemetry/logger.ts';

/** Everything the server does between body and answer, the log line included. */
export async function judge(
  body: string,
  { webhook, engine, logger }: { webhook: WebhookName; engine: Engine; logger: Logger },
): Promise<string> {
  const request = decode(body);
  if (typeof request === 'string') return request;
  const admission = await (webhook === 'mutate' ? mutate : admit)(request, engine);
  const respond = webhook === 'mutate' ? toMutateResponse : toValidateResponse;
  const answer = renderReview(respond(request.uid, admission));
  const decision = decisionWord(admission.decision);
  const ending = { webhook, decision, status: 200, milliseconds: 1, caller: undefined };
  logDecision(logger, { ...ending, uid: request.uid, request, admission });
  return answer;
}

/** The request, or what a caller is told who sent none. */
function decode(body: string): ReturnType<typeof decodeReview> | string {
  try {
    return decodeReview(body, limits.maxDepth);
  } catch (error) {
    if (error instanceof MalformedRequestError) return error.message;
    throw error;
  }
}
