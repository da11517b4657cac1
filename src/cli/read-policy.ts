import type { CompiledPolicy } from '../engine/compiled-policy.ts';
import { loadPolicy } from '../engine/load-policy.ts';
import { InvalidFileError, UsageError } from '../errors.ts';
import { readSources } from '../files/read-sources.ts';
import type { Io } from './io.ts';

/** Flags that say where the declarations are. */
export interface PolicySource {
  readonly tenants?: readonly string[];
  readonly config?: string;
}

/**
 * Reads tenants and config. Without tenants nothing would be denied that belongs to one, so they must
 * be named.
 * @throws UsageError without --tenants, or with several configs
 * @throws InvalidFileError with every problem of every file
 */
export async function readPolicy(
  { tenants = [], config }: PolicySource,
  { io, ruleIds }: { readonly io: Io; readonly ruleIds: ReadonlySet<string> },
): Promise<CompiledPolicy> {
  if (tenants.length === 0) {
    throw new UsageError('--tenants is required: a file or directory with StorageTenants');
  }
  const declared = await readSources(tenants, io);
  const settings = await readSources(config === undefined ? [] : [config], io);
  if (settings.sources.length > 1) throw new UsageError('--config takes one file');
  const problems = [...declared.problems, ...settings.problems];
  if (problems.length > 0) throw new InvalidFileError(problems);
  return loadPolicy({ tenants: declared.sources, config: settings.sources[0] }, ruleIds);
}
