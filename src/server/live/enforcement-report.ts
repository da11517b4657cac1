import type { Cluster } from '../../kube/cluster.ts';
import { readFailOpenEntries } from '../../kube/fail-open-entries.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';

/**
 * Says which rules deny nothing under a config, once per change: the warnings of the first days are
 * easily forgotten. Softer actions that a tenant sets for itself are not included.
 */
export function createEnforcementReport(
  rules: readonly Rule[],
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
): (settings: Settings) => void {
  let reported = '';
  return ({ ruleActions }) => {
    const softened = rules
      .filter(({ id, defaultActions }) => !(ruleActions.get(id) ?? defaultActions).includes('Deny'))
      .map(({ id }) => id)
      .sort();
    metrics.setSoftenedRules(softened.length);
    const text = softened.join();
    if (text === reported) return;
    reported = text;
    if (softened.length === 0) logger.info('every rule denies');
    else logger.warn({ count: softened.length, rules: softened }, 'rules do not deny');
  };
}

/** Says which webhook entries fail open; at start only, because it is not worth a watch. */
export async function reportFailOpenEntries(
  cluster: Cluster,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
): Promise<void> {
  try {
    const entries = await readFailOpenEntries(cluster);
    metrics.setFailOpenEntries(entries.length);
    if (entries.length > 0) {
      logger.warn({ count: entries.length, entries }, 'webhook entries fail open');
    }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    logger.info({ problem }, 'webhook entries cannot be read');
  }
}
