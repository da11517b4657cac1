import { Help } from 'commander';
import { UsageError } from '../errors.ts';
import { rules } from '../rules/index.ts';
import { matchTexts, ownerText, scopeText } from '../rules/describe-rule.ts';
import type { Example, Rule } from '../rules/rule.ts';
import { closest } from './closest.ts';
import type { PolicyFlags } from './policy-flags.ts';
import type { ExitCode, Io } from './io.ts';

/**
 * Prints everything about one rule.
 * @throws UsageError when there is none of that id
 */
export function explainRule(
  id: string,
  { flags, io }: { readonly flags: PolicyFlags; readonly io: Io },
): ExitCode {
  const rule = rules.find((one) => one.id === id);
  if (rule === undefined) throw unknownRule(id);
  io.stdout.write(flags.output === 'json' ? renderJson(rule) : renderText(rule));
  return 0;
}

function unknownRule(id: string): UsageError {
  const ids = rules.map((rule) => rule.id);
  const near = closest(id, ids);
  const hint = near === undefined ? `the rules are ${ids.join(', ')}` : `did you mean "${near}"?`;
  return new UsageError(`there is no rule "${id}"; ${hint}`);
}

function renderText(rule: Rule): string {
  const { id, title, why, fix, examples, defaultActions } = rule;
  return [
    id,
    `${title}.`,
    '',
    ...section('Why', [why]),
    ...section('Fix', [`${fix}.`]),
    ...section('Matches', matchTexts(rule)),
    ...section('Scope', [scopeText(rule)]),
    ...section('Actions', [
      `${defaultActions.join(', ')} by default. Changed by ${ownerText(rule)}.`,
    ]),
    ...examples.allowed.flatMap((example) => [...exampleLines('Allowed', example), '']),
    ...examples.denied.flatMap((example) => [
      ...exampleLines('Denied', example),
      ...section('  breaks', example.paths),
    ]),
  ].join('\n');
}

const labelColumns = 9;
const lineColumns = 100;

function section(label: string, paragraphs: readonly string[]): string[] {
  const lines = new Help().boxWrap(paragraphs.join('\n'), lineColumns - labelColumns).split('\n');
  return lines
    .map((line, index) => (index === 0 ? label : '').padEnd(labelColumns) + line)
    .concat('');
}

function exampleLines(verdict: string, { name, yaml, before }: Example): string[] {
  const old = before === undefined ? [] : ['    # before', ...indent(before), '    # after'];
  return [`${verdict}: ${name}`, ...old, ...indent(yaml)];
}

function indent(yaml: string): string[] {
  return yaml
    .trim()
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`));
}

function renderJson(rule: Rule): string {
  // Functions have no place in JSON; everything else of a rule is for readers.
  return `${JSON.stringify(rule, undefined, 2)}\n`;
}
