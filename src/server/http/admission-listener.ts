import type { IncomingMessage, RequestListener } from 'node:http';
import { decodeReview } from '../../admission/decode.ts';
import type { AdmissionRequest } from '../../admission/review.ts';
import { uidAtStart } from '../../admission/uid-at-start.ts';
import type { Admission, Engine } from '../../engine/admit.ts';
import { limits } from '../../limits.ts';
import { MalformedRequestError, TooMuchError } from '../../errors.ts';
import type { Batch } from './batch.ts';
import type { ConnectionGuard } from './connection-guard.ts';
import type { CurrentEngine } from '../live/current-engine.ts';
import { hasMoreValuesThan } from './count-values.ts';
import { deadlineOf } from './deadline.ts';
import { Exchange, type ExchangeSetting } from './exchange.ts';
import { UnacceptedCallerError } from './failures.ts';
import { readBody } from './read-body.ts';

/** What an admission path needs to answer. */
export interface AdmissionSetting extends ExchangeSetting {
  readonly current: CurrentEngine;
  readonly batch: Batch;
  readonly guard: ConnectionGuard;
  /** `checkTime` is called between rules and throws when nobody waits for the answer any more. */
  readonly judge: (
    request: AdmissionRequest,
    engine: Engine,
    checkTime: () => void,
  ) => Promise<Admission>;
}

/** Answers one admission path on node's own request and response. */
export function createAdmissionListener(setting: AdmissionSetting): RequestListener {
  return (incoming, outgoing) => {
    const exchange = new Exchange(
      { incoming, outgoing },
      deadlineOf(queryOf(incoming.url)),
      setting,
    );
    judgeBody(incoming, exchange, setting).catch((error: unknown) => {
      exchange.fail(error);
    });
  };
}

async function judgeBody(
  incoming: IncomingMessage,
  exchange: Exchange,
  { judge, current, batch, guard }: AdmissionSetting,
): Promise<void> {
  const { name = '', isAccepted } = exchange.caller;
  if (!isAccepted) throw new UnacceptedCallerError(name);
  checkHead(incoming);
  const body = await readBody(incoming, exchange.share);
  checkValues(body);
  await batch.wait();
  const request = decodeReview(body, limits.maxDepth);
  guard.recognize(incoming.socket);
  exchange.accept(request);
  const engine = current.isFreshFor(request) ? current.get() : await current.getFresh(request);
  const admission = await judge(request, engine, () => {
    exchange.checkTime();
  });
  exchange.answer(admission);
}

function checkHead({ method, headers }: IncomingMessage): void {
  if (method !== 'POST') throw new MalformedRequestError('method: must be POST', 405);
  const type = headers['content-type'];
  if (type !== 'application/json' && mediaType(type) !== 'application/json') {
    throw new MalformedRequestError('content-type: must be application/json', 415);
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new MalformedRequestError('content-encoding: must be identity', 415);
  }
}

function checkValues(body: string): void {
  const most = limits.maxJsonValues;
  if (hasMoreValuesThan(most, body)) {
    throw new TooMuchError(`body: more than ${most} values`, {
      status: 413,
      uid: uidAtStart(body),
    });
  }
}

function mediaType(contentType = ''): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

function queryOf(url = ''): string {
  const question = url.indexOf('?');
  return question === -1 ? '' : url.slice(question + 1);
}
