import type { Report, Result } from '../../engine/offline/report.ts';

/** The report for programs. */
export function renderJson({ results, errors, summary }: Report): string {
  return `${JSON.stringify({ results: results.map(toJson), errors, summary }, undefined, 2)}\n`;
}

/** The order of the members is part of the format: people read it, too. */
function toJson(result: Result): object {
  const { file, line, apiVersion, kind, namespace, name, tenant, allowed } = result;
  const { violations, warnings, patch } = result;
  const address = { file, line, apiVersion, kind, namespace, name };
  return { ...address, tenant, allowed, violations, warnings, patch };
}
