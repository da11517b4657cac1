import { listOf, recordOf, textOf, type JsonRecord } from '../admission/json.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import { limits } from '../limits.ts';
import { findWorkload } from '../objects/workload/pod-template.ts';
import type { PolicyState } from './state.ts';

/**
 * Why an object without pods is refused before it is judged: a list that no real object has would
 * only make others wait. It is refused as a whole, because what was not read cannot be allowed.
 */
export function findLongList(
  request: Pick<AdmissionRequest, 'kind' | 'object' | 'oldObject'>,
  { settings }: PolicyState,
): string | undefined {
  const object = request.object ?? request.oldObject ?? {};
  const workload = findWorkload(object, request.kind, settings.detection.podSpecPaths);
  return workload === undefined ? longListIn(object) : undefined;
}

function longListIn({ spec }: JsonRecord): string | undefined {
  for (const [field, value] of Object.entries(recordOf(spec))) {
    const entries = listOf(value);
    if (entries.length > limits.maxListEntries) {
      return `spec.${field} has ${entries.length} entries; at most ${limits.maxListEntries} are judged`;
    }
    const international = entries.filter(isInternational).length;
    if (international > limits.maxInternationalNames) {
      return (
        `spec.${field} has ${international} names outside ASCII; ` +
        `at most ${limits.maxInternationalNames} are judged`
      );
    }
  }
  return undefined;
}

/** True for a name, or an endpoint with one, that has to be converted before it can be compared. */
function isInternational(entry: unknown): boolean {
  const text = textOf(entry) ?? textOf(recordOf(entry)['address']);
  return text !== undefined && /[^\0-\x7f]/.test(text);
}
