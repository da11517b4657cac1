import { pino } from 'pino';
import { exampleEngine } from '../../example-engine.ts';
import { bodyOf } from './body.ts';
import { allQuestions, nameOf, someQuestions, type Question } from './cases.ts';
import { judge } from './judge.ts';
import { measure } from './measure.ts';

/**
 * `node test/engine/cost/full.ts [--field REGEX] [--step N] [--seed N] [--mebibytes 3] [--above 10]`: prints every
 * question that costs more than `--above` times its parsing, of all questions about the fields, or of every Nth; with
 * `--seed`, of the selection that the test would take.
 */
import { parseArgs } from 'node:util';
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
const bytes = Number(flags.mebibytes) * 1024 * 1024;
const above = Number(flags.above);
const engine = await exampleEngine();
const logger = pino({ base: null }, { write: () => undefined });

let [seen, measured, build, meas] = [0, 0, 0, 0];
const questions: Iterable<Question> =
  flags.seed === undefined
    ? allQuestions(bytes, (field) => wanted.test(nameOf(field)))
    : someQuestions(bytes, Number(flags.seed)).filter(({ field }) => wanted.test(nameOf(field)));
for (const question of questions) {
  if (seen++ % Number(flags.step) !== 0) continue;
  measured++;
  const t0 = performance.now();
  const body = bodyOf(question);
  const t1 = performance.now(); build += t1 - t0;
  const { webhook, filler, layout, operation, namespace } = question;
  const name = `${nameOf(question.field)} [${filler.name}] ${layout} ${operation} ${webhook} ${namespace} ${body.length}`;
  try {
    const cost = await measure(body, (text) => judge(text, { webhook, engine, logger }), above);
    if (cost.ratio > above || cost.answer > 64_000)
      process.stdout.write(`${cost.ratio.toFixed(1)} ${(cost.judge / 1000).toFixed(1)}ms answer=${cost.answer} ${name}\n`);
  } catch (error) {
    process.stdout.write(`THROW ${name} ${String(error).slice(0, 300)}\n`);
  }
  meas += performance.now() - t1;
}
process.stdout.write(`${measured} of ${seen} measured; build ${(build/1000).toFixed(0)} s, measure ${(meas / 1000).toFixed(0)} s, CPU ${(process.cpuUsage().user / 1e6).toFixed(0)} s\n`);
