import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { SupervisedProcess, type Patience } from './supervised-process.ts';

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A program that appends a line to a file at each start, and ends while there are fewer than `good`. */
function aProcess(good: number, patience: Partial<Patience> = {}) {
  const file = join(temporaryDirectory(), 'starts');
  const script = `
    const { appendFileSync, readFileSync } = require('node:fs');
    appendFileSync(process.argv[1], process.pid + '\\n');
    const count = readFileSync(process.argv[1], 'utf8').split('\\n').length - 1;
    console.error('start number ' + count);
    if (count < ${good}) { console.error('address already in use'); process.exit(3); }
    console.error('at work');
    setInterval(() => {}, 1000);
  `;
  const starts = (): readonly number[] =>
    existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').map(Number) : [];
  const reports: string[] = [];
  const supervised: SupervisedProcess = new SupervisedProcess(
    {
      name: 'the program',
      path: process.execPath,
      flags: ['-e', script, file],
      isReady: () => Promise.resolve(supervised.output.includes('at work')),
    },
    {
      pauseMilliseconds: 1,
      pollMilliseconds: 1,
      report: (text) => reports.push(text),
      ...patience,
    },
  );
  ends.push(() => supervised.kill());
  return { supervised, starts, reports };
}

it('starts a program again that ends before it is ready', async () => {
  const { supervised, starts, reports } = aProcess(3);
  await supervised.start();
  expect(starts()).toHaveLength(3);
  expect(supervised.output).toContain('start number 3');
  expect(reports).toEqual([]);
});

it('gives up after so many starts, and shows what each of them printed', async () => {
  const { supervised, starts } = aProcess(9, { starts: 2 });
  await expect(supervised.start()).rejects.toThrow(
    'the program does not run:\n' +
      'start 1: it ended with exit code 3, after printing:\nstart number 1\naddress already in use\n\n' +
      'start 2: it ended with exit code 3, after printing:\nstart number 2\naddress already in use\n',
  );
  expect(starts()).toHaveLength(2);
});

it('gives up on a program that runs and never becomes ready', async () => {
  const supervised = new SupervisedProcess(
    {
      name: 'the program',
      path: process.execPath,
      flags: ['-e', 'setInterval(() => {}, 1000)'],
      isReady: () => new Promise(() => undefined),
    },
    { starts: 2, readyMilliseconds: 5, pauseMilliseconds: 1 },
  );
  await expect(supervised.start()).rejects.toThrow(
    'the program does not run:\n' +
      'start 1: it was not ready within 0.005 s, after printing:\n\n' +
      'start 2: it was not ready within 0.005 s, after printing:\n',
  );
});

it('keeps what was printed to stdout as well', async () => {
  const supervised = new SupervisedProcess(
    {
      name: 'the program',
      path: process.execPath,
      flags: ['-e', 'console.log("to stdout")'],
      isReady: () => Promise.resolve(false),
    },
    { starts: 1 },
  );
  await expect(supervised.start()).rejects.toThrow('after printing:\nto stdout\n');
});

it('says which program cannot be started at all', async () => {
  const supervised = new SupervisedProcess(
    { name: 'nothing', path: '/nowhere/nothing', flags: [], isReady: () => Promise.resolve(false) },
    { starts: 1 },
  );
  await expect(supervised.start()).rejects.toThrow(
    'nothing does not run:\nstart 1: it ended with spawn /nowhere/nothing ENOENT',
  );
});

it('starts a program again that ends by itself later, and reports it', async () => {
  const { supervised, starts, reports } = aProcess(1);
  await supervised.start();
  const [first = 0] = starts();
  process.kill(first, 'SIGTERM');
  await eventually(() => {
    expect(starts()).toHaveLength(2);
    expect(reports).toEqual([
      'the program ended by itself with SIGTERM; starting it again. It had printed:\n' +
        'start number 1\nat work\n',
    ]);
  });
});

it('leaves a program ended that was ended on purpose, until it is started again', async () => {
  const { supervised, starts, reports } = aProcess(1);
  await supervised.start();
  const [first = 0] = starts();
  await supervised.kill();
  expect(() => process.kill(first, 0)).toThrow('ESRCH');
  await supervised.start();
  expect(starts()).toHaveLength(2);
  expect(reports).toEqual([]);
});
