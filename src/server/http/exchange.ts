import type { IncomingMessage, ServerResponse } from 'node:http';
import { renderReview } from '../../admission/respond.ts';
import type { AdmissionRequest, AdmissionResponse } from '../../admission/review.ts';
import type { Admission } from '../../engine/admit.ts';
import { decisionWord } from '../../engine/to-response.ts';
import { BucketwardenError, TooMuchError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import {
  logDecision,
  type DecisionRecord,
  type WebhookName,
} from '../../telemetry/decision-log.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { BodyBudget } from './body-budget.ts';
import type { BodyShare } from './body-part.ts';
import type { Caller, Identify } from './caller.ts';
import { closeAfterRead } from './close-after-read.ts';
import { DeadlineError, failureOf } from './failures.ts';
import { refuseUnread } from './refuse-unread.ts';

/** What every exchange of one admission path has in common. */
export interface ExchangeSetting {
  readonly webhook: WebhookName;
  readonly respond: (uid: string, admission: Admission) => AdmissionResponse;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** True when the connection should not be used again. */
  readonly isDraining: () => boolean;
  readonly budget: BodyBudget;
  readonly identify: Identify;
}

type Outcome = Pick<DecisionRecord, 'decision' | 'problem' | 'admission'>;

/**
 * One admission request from its first byte to its answer. It ends exactly once, with one decision
 * line: by a decision, by a fault, or by its deadline, whichever comes first.
 */
export class Exchange {
  readonly caller: Caller;
  /** The memory its body takes, until it ends. */
  readonly share: BodyShare;
  #request: AdmissionRequest | undefined;
  /** Known before the request is, when that is denied unread. */
  #uid: string | undefined;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #setting: ExchangeSetting;
  readonly #startedAt = performance.now();
  readonly #deadlineMilliseconds: number;
  readonly #timer: NodeJS.Timeout;
  #isEnded = false;

  constructor(
    { incoming, outgoing }: { incoming: IncomingMessage; outgoing: ServerResponse },
    deadlineMilliseconds: number,
    setting: ExchangeSetting,
  ) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#setting = setting;
    this.#deadlineMilliseconds = deadlineMilliseconds;
    this.caller = setting.identify(incoming.socket);
    this.share = setting.budget.open(incoming.socket.remoteAddress ?? '');
    this.#timer = setTimeout(() => {
      this.fail(this.#deadlineError());
    }, deadlineMilliseconds);
  }

  /** The body was a valid review: what is said from now on is about this request. */
  accept(request: AdmissionRequest): void {
    this.#request = request;
    this.#uid = request.uid;
  }

  /**
   * Rules do not wait, so the timer cannot fire while they run: the time is looked at between them.
   * @throws DeadlineError when the time is up
   */
  checkTime(): void {
    if (performance.now() - this.#startedAt > this.#deadlineMilliseconds) {
      throw this.#deadlineError();
    }
  }

  /**
   * Sends the decision on the accepted request.
   * @throws DeadlineError when it comes too late to be believed
   */
  answer(admission: Admission): void {
    const request = this.#request;
    if (this.#isEnded || request === undefined) return;
    this.checkTime();
    const body = renderReview(this.#setting.respond(request.uid, admission));
    const decision = decisionWord(admission.decision);
    this.#later(() => {
      this.#end(200, body, { decision, admission });
    });
  }

  /** Sends no decision. A failure says so by its status and never allows or denies. */
  fail(error: unknown): void {
    if (this.#isEnded) return;
    const { status, code, message, decision } = failureOf(error);
    const uid = error instanceof TooMuchError ? error.uid : undefined;
    if (uid !== undefined && this.#setting.webhook === 'validate') {
      this.#denyUnread(message, uid);
      return;
    }
    const { metrics, logger } = this.#setting;
    if (decision === 'malformed') metrics.countMalformed(status);
    else metrics.countFailure(decision);
    if (!(error instanceof BucketwardenError)) {
      logger.error({ err: error, uid: this.#request?.uid }, 'request failed');
    }
    this.#end(status, JSON.stringify({ code, message }), { decision, problem: message });
  }

  /** Denies a request of which nothing but the uid is known. */
  #denyUnread(problem: string, uid: string): void {
    this.#uid = uid;
    const admission = refuseUnread(problem);
    const body = renderReview(this.#setting.respond(uid, admission));
    this.#end(200, body, { decision: 'deny', admission });
  }

  #deadlineError(): DeadlineError {
    const milliseconds = Math.floor(this.#deadlineMilliseconds);
    return new DeadlineError(`no answer within ${milliseconds} ms`);
  }

  #end(status: number, body: string, outcome: Outcome): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#releaseBody();
    if (status !== 0) this.#send(status, body);
    const milliseconds = performance.now() - this.#startedAt;
    this.#later(() => {
      this.#record({ status, milliseconds, ...outcome });
    });
  }

  /**
   * The requests of one batch are all rendered, then all sent, then all logged; see Batch. Nobody else
   * would catch what goes wrong in here.
   */
  #later(step: () => void): void {
    queueMicrotask(() => {
      try {
        step();
      } catch (error) {
        this.#outgoing.destroy();
        this.#setting.logger.error({ err: error, uid: this.#request?.uid }, 'request failed');
      }
    });
  }

  #record(ending: Outcome & Pick<DecisionRecord, 'status' | 'milliseconds'>): void {
    const request = this.#request;
    const { webhook, logger, metrics } = this.#setting;
    const uid = this.#uid;
    logDecision(logger, { webhook, uid, request, caller: this.caller.name, ...ending });
    const operation = request?.operation ?? '';
    const seconds = ending.milliseconds / 1000;
    metrics.countRequest({ webhook, operation, decision: ending.decision, seconds });
    if (ending.admission) this.#countViolations(ending.admission);
  }

  /** A body that we stopped reading is in memory until its connection is closed. */
  #releaseBody(): void {
    const { complete, socket } = this.#incoming;
    if (complete || socket.destroyed) {
      this.share.release();
      return;
    }
    this.#incoming.pause();
    socket.once('close', () => {
      this.share.release();
    });
  }

  #send(status: number, body: string): void {
    const bytes = Buffer.byteLength(body);
    const headers = ['Content-Type', 'application/json', 'Content-Length', String(bytes)];
    if (status === 405) headers.push('Allow', 'POST');
    // What is left of a body that we did not read would be taken for the next request.
    const isEarly = !this.#incoming.complete;
    if (isEarly) closeAfterRead(this.#incoming.socket);
    if (isEarly || this.#setting.isDraining()) headers.push('Connection', 'close');
    this.#outgoing.writeHead(status, headers);
    this.#outgoing.end(body);
    if (this.#request !== undefined) this.#keepConnection();
  }

  /** Whoever has sent a valid review may stay idle for long; node sets the time for everybody else. */
  #keepConnection(): void {
    const { socket } = this.#incoming;
    // Node sets its own time at "finish", and after us.
    this.#outgoing.once('close', () => {
      socket.setTimeout(limits.keepAliveTimeoutMilliseconds);
    });
  }

  #countViolations({ decision }: Admission): void {
    const { metrics } = this.#setting;
    for (const { finding } of decision.denied) metrics.countViolation(finding.rule.id, 'Deny');
    for (const { finding } of decision.warned) metrics.countViolation(finding.rule.id, 'Warn');
    for (const { finding } of decision.audited) metrics.countViolation(finding.rule.id, 'Audit');
  }
}
