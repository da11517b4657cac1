import type { Paint } from './paint.ts';
import type { Report, ReportedViolation, Result, Summary } from '../../engine/offline/report.ts';

/** The report for people: one line per finding that editors make clickable, its fix below it. */
export function renderText({ results, skippedKinds, summary }: Report, paint: Paint): string {
  const lines = results.flatMap((result) => [
    ...result.violations.flatMap((violation) => findingLines(violation, { result, paint })),
    ...patchLines(result, paint),
  ]);
  return [...lines, `${summaryLine(summary)}${kindsText(skippedKinds)}`, ''].join('\n');
}

function findingLines(
  { rule, action, path, line, column, message, fix }: ReportedViolation,
  { result, paint }: { readonly result: Result; readonly paint: Paint },
): string[] {
  const level = action === 'Deny' ? paint('red', 'deny') : paint('yellow', 'warn');
  const place = paint('bold', `${result.file}:${line}:${column}:`);
  const where = path === '' ? '' : ` ${path}`;
  return [
    `${place} ${level} [${rule}] ${subjectOf(result)}${where}: ${message}`,
    paint('dim', `    fix: ${fix}`),
  ];
}

function patchLines({ patch, ...result }: Result, paint: Paint): string[] {
  if (patch.length === 0) return [];
  const place = paint('bold', `${result.file}:${result.line}:${result.column}:`);
  return [
    `${place} ${paint('green', 'patch')} ${subjectOf(result)}`,
    ...patch.map((operation) => `    ${JSON.stringify(operation)}`),
  ];
}

function subjectOf({ kind, namespace, name }: Pick<Result, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
}

function summaryLine({ checked, denied, warned, skipped }: Summary): string {
  return `checked ${checked}, denied ${denied}, warned ${warned}, skipped ${skipped}`;
}

/** " (ConfigMap, Deploymnet)": a slip in a kind is seen here and nowhere else. */
function kindsText(all: readonly string[]): string {
  const kinds = [...new Set(all)].sort();
  return kinds.length === 0 ? '' : ` (${kinds.join(', ')})`;
}
