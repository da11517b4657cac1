import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { exampleEngine } from '../../example-engine.ts';
import { bodyOf } from './body.ts';
import { allQuestions, describeQuestion, nameOf, someQuestions } from './questions.ts';
import { judge } from './judge.ts';
import { measure } from './measure.ts';

/**
 * `node test/engine/cost/full.ts [--field REGEX] [--step N] [--seed N] [--mebibytes 3] [--above 10]`
 * prints the requests that cost more than `--above` times their parsing: of all requests about the
 * fields, of every Nth, or with `--seed` of the selection that the test takes. It looks for what is
 * slow; cost.test.ts holds the limit.
 */
const { values: flags } = parseArgs({
  options: {
    field: { type: 'string', default: '' },
    step: { type: 'string', default: '1' },
    seed: { type: 'string' },
    mebibytes: { type: 'string', default: '3' },
    above: { type: 'string', default: '10' },
  },
});
const wanted = new RegExp(flags.field);
const above = Number(flags.above);
const bytes = Number(flags.mebibytes) * 1024 * 1024;
const questions =
  flags.seed === undefined
    ? allQuestions(bytes, (field) => wanted.test(nameOf(field)))
    : someQuestions(bytes, Number(flags.seed)).filter(({ field }) => wanted.test(nameOf(field)));

const engine = await exampleEngine();
const logger = pino({ base: null }, { write: () => undefined });
const startedAt = performance.now();
let [seen, measured] = [0, 0];
for (const question of questions) {
  if (seen++ % Number(flags.step) !== 0) continue;
  measured++;
  const { webhook } = question;
  const cost = await measure(
    bodyOf(question),
    (body) => judge(body, { webhook, engine, logger }),
    above,
  );
  if (cost.ratio <= above) continue;
  const milliseconds = (cost.judge / 1000).toFixed(1);
  process.stdout.write(
    `${cost.ratio.toFixed(1)} times, ${milliseconds} ms: ${describeQuestion(question)}\n`,
  );
}
const seconds = (performance.now() - startedAt) / 1000;
process.stdout.write(`${measured} of ${seen} requests in ${seconds.toFixed(0)} s\n`);
