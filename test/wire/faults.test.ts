import { describe, expect, it } from 'vitest';
import { rules } from '../../src/rules/index.ts';
import { createApp } from '../../src/server/http/app.ts';
import { anApp, aReview, post } from './wire.ts';

describe('our own faults', () => {
  it('are answered with 500 and logged with the uid, and the server lives on', async () => {
    const [first] = rules;
    if (first === undefined) throw new Error('no rules');
    const broken = {
      ...first,
      validate: () => {
        throw new RangeError('Maximum call stack size exceeded');
      },
    };
    const app = anApp({ appRules: [broken] });
    const answer = await post(app, '/validate', aReview({ uid: 'fatal' }));
    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({
      code: 'internal',
      message: 'internal error; the log of Bucketwarden has it under the uid of this request',
    });
    expect(app.lines()).toContainEqual(
      expect.objectContaining({ level: 'error', msg: 'request failed', uid: 'fatal' }),
    );
    expect(app.decisions()).toEqual([
      expect.objectContaining({ uid: 'fatal', decision: 'failed', status: 500 }),
    ]);
    expect((await post(app, '/mutate', aReview())).status).toBe(200);
  });

  it('such as a slow rule keep no other rule from being asked in vain', async () => {
    const [first] = rules;
    if (first === undefined) throw new Error('no rules');
    let isAsked = false;
    const slow = {
      ...first,
      validate: () => {
        const until = performance.now() + 5;
        while (performance.now() < until);
        return [];
      },
    };
    const next = {
      ...first,
      validate: () => {
        isAsked = true;
        return [];
      },
    };
    const app = anApp({ appRules: [slow, next] });
    const answer = await post(app, '/validate?timeout=2ms', aReview());
    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({ code: 'unknown-answer', message: 'no answer within 1 ms' });
    expect(isAsked).toBe(false);
  });

  it('do not end the process when they happen after the answer', async () => {
    const app = anApp();
    const metrics = {
      ...app.metrics,
      countRequest: () => {
        throw new Error('out of numbers');
      },
    };
    const listener = createApp({ ...app, metrics });
    await post({ listener }, '/mutate', aReview({ uid: 'uncounted' })).catch(() => undefined);
    expect(app.lines()).toContainEqual(
      expect.objectContaining({ level: 'error', msg: 'request failed', uid: 'uncounted' }),
    );
  });
});
