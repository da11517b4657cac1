import { describe, expect, it } from 'vitest';
import { createReadingBudget } from '../../../src/objects/workload/reading-budget.ts';
import { programOf, readScript } from '../../../src/objects/workload/shell-script.ts';
import { fc, test } from './property.ts';

const otherPrograms = new Set(['influx']);

function read(script: string): ReturnType<typeof readScript> {
  return readScript(script, { otherPrograms, budget: createReadingBudget() });
}

describe('a comment is taken out', () => {
  it.each([
    ['# a', ' '],
    ['x # a\ny', 'x  \ny'],
    ['  # a "b\ny', '   \ny'],
    ['x;# a', 'x; '],
    ['echo \'#\' "#" # a', 'echo \'#\' "#"  '],
    ['echo ${#x} $# ${x#y} a#b # a', 'echo ${#x} $# ${x#y} a#b  '],
    ['x $(\n# a\ny)', 'x $(\n \ny)'],
    ['f() { x; } # a', 'f() { x; }  '],
    ['echo "$(x "y")" # a', 'echo "$(x "y")"  '],
  ])('of %j, which leaves %j', (script, code) => {
    expect(read(script).code).toBe(code);
  });
});

describe('a script comes back whole', () => {
  it.each([
    ["echo '\n# a'"],
    ['echo "\n# a"'],
    ['echo "$(x "\n# a")"'],
    ['echo \\# a'],
    ['echo \\ # a'],
    ['echo a\\\n# b'],
    ['cat <<EOF\n# a\nEOF'],
    ['echo `x` # a'],
    ["echo $'\\'' # a"],
    ["# a\necho 'open"],
    ['# a\necho "open'],
    ['# a\necho $(open'],
    ['# a\necho )'],
    ["echo ${x:-'a # b'}"],
    ['echo a\u00a0# b'],
    ['echo a\u3000# b'],
    ['echo a\f# b'],
    ['echo a\v# b'],
    ['echo a\r# b'],
    ['case x in\n# a\nx) y;; esac'],
    [`${'"" '.repeat(20_000)} # a`],
  ])('when it is not certain what is a comment: %j', (script) => {
    expect(read(script).code).toBe(script);
  });

  test('when it has neither a comment nor another program', fc.string(), (text) => {
    const script = text.replaceAll('#', '');
    expect(read(script)).toEqual({ code: script, commands: script });
  });
});

describe('the command of another program is taken out', () => {
  it.each([
    ['influx write -b x', ' '],
    ['a; influx write -b x; b', 'a; ; b'],
    ['set -e\nTOKEN=x /usr/bin/influx write -b x || exit 1\nb', 'set -e\n || exit 1\nb'],
    ['if influx ping; then b; fi', ' ; then b; fi'],
  ])('of %j, which leaves %j', (script, commands) => {
    expect(read(script).commands).toBe(commands);
  });

  it.each([
    ['influx write $(a -b x)'],
    ['"influx" write -b x'],
    ["a 'b; influx c' -b x"],
    ['echo influx'],
    ['influx\u00a0/../../usr/bin/aws -b x'],
    ['influx\f/../../usr/bin/aws -b x'],
    ['\rinflux -b x'],
    ['(influx -b x)'],
    ['influx() { a -b x; }'],
  ])('but not of %j', (script) => {
    expect(read(script).commands).toBe(script);
  });
});

describe('programOf', () => {
  it.each([
    ['influx write', 'influx'],
    [' /usr/bin/influx', 'influx'],
    ['A=b ! exec influx', 'influx'],
    ['A=$(x) influx', ''],
    ['$influx', ''],
    ['"influx"', ''],
    ['\tinflux\n', 'influx'],
    ['influx\u00a0/x', ''],
    ['\u00a0influx', ''],
    ['', ''],
  ])('%j is %j', (command, program) => {
    expect(programOf(command)).toBe(program);
  });
});

describe('any text', () => {
  test('is read without an error, and shortened at most', fc.string(), (text) => {
    const { code, commands } = read(`${text} # influx`);
    expect(code.length).toBeLessThanOrEqual(text.length + 10);
    expect(commands.length).toBeLessThanOrEqual(code.length + 1);
  });
});
