import { rules } from '../rules/index.ts';
import type { Rule } from '../rules/rule.ts';
import type { PolicyFlags } from './policy-flags.ts';
import type { ExitCode, Io } from './io.ts';
import { renderColumns } from './output/columns.ts';

/** Prints every rule in one line. */
export function listRules({ output }: PolicyFlags, { stdout }: Io): ExitCode {
  stdout.write(output === 'json' ? renderJson() : renderTable());
  return 0;
}

function renderTable(): string {
  const rows = rules.map(({ id, scope, defaultActions, title }) => [
    id,
    scope,
    defaultActions.join(', '),
    title,
  ]);
  return renderColumns([['RULE', 'SCOPE', 'DEFAULT', 'REQUIRES'], ...rows]);
}

function renderJson(): string {
  const list = rules.map(({ id, scope, defaultActions, title }: Rule) => ({
    id,
    scope,
    defaultActions,
    title,
  }));
  return `${JSON.stringify(list, undefined, 2)}\n`;
}
