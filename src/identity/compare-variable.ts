import { recordOf } from '../admission/json.ts';
import { environment } from '../names.ts';
import { isInjectedVariable } from './identity-parts.ts';
import { canonicalUrl } from './same-url.ts';
import type { StorageIdentity } from './storage-identity.ts';
import type { Variable } from './store-parts.ts';

/**
 * How an entry of `env[]` compares with the variable we inject under its name:
 * - `same`: it has the same effect, as another spelling or another configured name of the store;
 * - `own-choice`: it differs in what the author may decide;
 * - `contradiction`: it leads somewhere else.
 */
export type VariableComparison = 'same' | 'own-choice' | 'contradiction';

/** Compares an entry of `env[]` with the wanted variable of the same name. */
export function compareVariable(
  entry: unknown,
  { name, value }: Variable,
  { endpoints }: Pick<StorageIdentity, 'endpoints'>,
): VariableComparison {
  if (isInjectedVariable(entry, value)) return 'same';
  if (regions.has(name)) return 'own-choice';
  const { value: written, valueFrom } = recordOf(entry);
  const accepted = endpoints[name];
  if (accepted === undefined || typeof written !== 'string') return 'contradiction';
  if ((valueFrom ?? undefined) !== undefined) return 'contradiction';
  const url = canonicalUrl(written);
  return url !== undefined && accepted.includes(url) ? 'same' : 'contradiction';
}

/**
 * The region is part of a signature, and MinIO accepts every region unless one is configured there. A
 * program that uses services of AWS besides the store needs the region of those.
 */
const regions: ReadonlySet<string> = new Set([environment.region, environment.defaultRegion]);
