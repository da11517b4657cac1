import type { Paint } from './paint.ts';
import type {
  Report,
  ReportedViolation,
  Result,
  SkipGroup,
  SkipReason,
  Summary,
} from '../../engine/offline/report.ts';

/** The report for people: one line per finding that editors make clickable, its fix below it. */
export function renderText({ results, summary }: Report, paint: Paint): string {
  const lines = results.flatMap((result) => [
    ...result.violations.flatMap((violation) => findingLines(violation, { result, paint })),
    ...patchLines(result, paint),
  ]);
  return [...lines, ...summaryLines(summary), ''].join('\n');
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

function summaryLines(summary: Summary): readonly string[] {
  const { checked, denied, deniedAndWarned, warned, skipped, skippedBecause } = summary;
  const both =
    deniedAndWarned === 0
      ? ''
      : ` (${deniedAndWarned} also ${deniedAndWarned === 1 ? 'has' : 'have'} warnings)`;
  return [
    `checked ${checked}, denied ${denied}${both}, warned ${warned}, skipped ${skipped}`,
    ...skippedBecause.map(skipLine),
  ];
}

/** Names what was skipped: a slip in a kind is seen here and nowhere else. */
function skipLine({ reason, count, names }: SkipGroup): string {
  const more = names.length - maxNames;
  const rest = more > 0 ? ` and ${more} more` : '';
  return `    skipped ${count} ${skipTexts[reason]}: ${names.slice(0, maxNames).join(', ')}${rest}`;
}

const maxNames = 10;

const skipTexts: Readonly<Record<SkipReason, string>> = {
  kind: 'of kinds that are not checked',
  'exempt-namespace': 'in exempt namespaces',
  'platform-namespace': 'in platform namespaces',
  'not-a-manifest': 'in files without a manifest',
};
