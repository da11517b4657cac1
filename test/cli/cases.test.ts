import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/command.ts';
import { collectIo } from './collect-io.ts';
import { compareGolden, findCases, orphansOf, readCase } from './golden-case.ts';

describe('every folder beside this file is a case', () => {
  it.each(findCases())('%s prints what its files say', async (name) => {
    const given = readCase(name);
    const { io, printed } = collectIo(given);
    const code = await run(given.argv, io);
    compareGolden(given, { ...printed(), 'exit-code': `${String(code)}\n` });
  });

  it.each(findCases())('%s has no file that nothing reads', (name) => {
    expect(orphansOf(name)).toEqual([]);
  });
});
