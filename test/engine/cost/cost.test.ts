import { pino } from 'pino';
import { expect, it } from 'vitest';
import { exampleEngine } from '../../example-engine.ts';
import { describeWith, thirdParty } from '../../third-party.ts';
import { bodyOf } from './body.ts';
import { judge } from './judge.ts';
import { measure } from './measure.ts';
import { describeQuestion, someQuestions } from './questions.ts';

/** Judging may cost this many times what `JSON.parse` of the same body costs. */
const mostTimes = 25;
/** What the API server lets through as one object. */
const bytes = 3 * 1024 * 1024;
/** A page of text is the most that any answer holds, whatever was sent. */
const mostAnswerCharacters = 64 * 1024;
/** Another number tries other requests; `node test/engine/cost/full.ts` tries them all. */
const seed = Number(process.env['COST_SEED'] ?? 1);

describeWith(thirdParty.data, 'no object makes others wait', () => {
  it(
    `costs at most ${mostTimes} times its parsing, whatever is in which field`,
    { timeout: 3_600_000 },
    async () => {
      const engine = await exampleEngine();
      const logger = pino({ base: null }, { write: () => undefined });
      const questions = someQuestions(bytes, seed);
      const offending: string[] = [];
      for (const question of questions) {
        const { webhook } = question;
        const { ratio, answer } = await measure(
          bodyOf(question),
          (body) => judge(body, { webhook, engine, logger }),
          mostTimes,
        );
        if (ratio > mostTimes || answer > mostAnswerCharacters) {
          offending.push(
            `${ratio.toFixed(1)} times, answer of ${answer} characters: ${describeQuestion(question)}`,
          );
        }
      }
      expect(offending).toEqual([]);
      expect(questions.length).toBeGreaterThan(300);
    },
  );
});
