import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { uidAtStart } from '../../src/admission/uid-at-start.ts';
import { limits } from '../../src/limits.ts';
import { aPod } from '../builders.ts';
import { anApp, aReview, post, responseOf, type TestApp } from './wire.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A review as the API server writes it, whose pod holds this JSON. */
function reviewWith(json: string): string {
  const { apiVersion, kind, request } = aReview({
    uid: 'too-much-1',
    object: aPod({ spec: { padding: 'HERE' } }),
  });
  return JSON.stringify({ kind, apiVersion, request }).replace('"HERE"', json);
}

const tooLarge = `body: larger than ${limits.maxBodyBytes} bytes`;
const denial = (problem: string): string =>
  `this request is denied, because it is too much to be judged: ${problem}`;

function expectDenied(app: TestApp, problem: string): void {
  expect(app.decisions()).toEqual([
    expect.objectContaining({
      uid: 'too-much-1',
      webhook: 'validate',
      decision: 'deny',
      status: 200,
      problem: denial(problem),
    }),
  ]);
}

describe('a review that is too much to read', () => {
  it.each([
    [
      'of very many values',
      `[${'{},'.repeat(limits.maxJsonValues)}{}]`,
      'body: more than 500000 values',
    ],
    ['that is too large', JSON.stringify('x'.repeat(limits.maxBodyBytes)), tooLarge],
    [
      'that is too deep',
      `${'['.repeat(300)}${']'.repeat(300)}`,
      'request.object: nested deeper than 200 levels',
    ],
  ])('%s is denied by /validate, so that no entry fails open', async (_kind, json, problem) => {
    const app = anApp();
    const answer = await post(app, '/validate', reviewWith(json));
    expect(answer.status).toBe(200);
    expect(responseOf(answer)).toEqual({
      uid: 'too-much-1',
      allowed: false,
      status: { status: 'Failure', message: denial(problem), reason: 'Forbidden', code: 403 },
      auditAnnotations: { decision: 'deny' },
    });
    expectDenied(app, problem);
  });

  it.each([
    ['/mutate', reviewWith(JSON.stringify('x'.repeat(limits.maxBodyBytes)))],
    ['/validate', 'x'.repeat(limits.maxBodyBytes + 1)],
  ])('is answered by %s with 413 when it cannot deny', async (path, body) => {
    const answer = await post(anApp(), path, body);
    expect(answer.status).toBe(413);
    expect(answer.body).toEqual({ code: 'malformed-request', message: tooLarge });
  });

  it('is denied when its length was not announced', async () => {
    const app = anApp();
    const server = createServer(app.listener);
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    const body = reviewWith(JSON.stringify('x'.repeat(limits.maxBodyBytes)));
    socket.write(
      'POST /validate?timeout=30s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
        `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}`,
    );
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).toContain('"uid":"too-much-1","allowed":false');
    expectDenied(app, tooLarge);
  });
});

describe('uidAtStart', () => {
  const start = '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{';

  it('reads what the API server writes', () => {
    const uid = '705ab4f5-6393-11e8-b7cc-42010a800002';
    expect(uidAtStart(`${start}"uid":"${uid}","kind":{`)).toBe(uid);
  });

  it.each([
    ['after another member', `${start}"name":"a","uid":"b"`],
    ['of another version', `${start.replace('/v1', '/v1beta1')}"uid":"b"`],
    ['with an escape', `${start}"uid":"b\\u0061"`],
    ['that is empty', `${start}"uid":""`],
    ['that does not end', `${start}"uid":"${'b'.repeat(1_000)}`],
    ['that is not a text', `${start}"uid":1`],
    ['without a review', '"uid":"b"'],
  ])('takes no uid %s', (_where, body) => {
    expect(uidAtStart(body)).toBeUndefined();
  });
});
