import { formatPath } from '../admission/field-path.ts';
import type { BucketwardenConfig } from '../declaration/bucketwarden-config.ts';
import {
  defaultConfig,
  loadConfig,
  loadTenants,
  type DeclaredTenant,
} from '../declaration/load.ts';
import type { StorageTenant } from '../declaration/storage-tenant.ts';
import { InvalidFileError, problemOfFile, type FileProblem } from '../errors.ts';
import type { SourceText } from '../files/read-sources.ts';
import { compileSettings } from '../settings/settings.ts';
import { TenantIndex } from '../tenant/tenant-index.ts';
import { tenantProblems } from '../tenant/tenant-problems.ts';

/** Declarations that passed every check, ready for `createPolicyState`. */
export interface LoadedPolicy {
  readonly config: BucketwardenConfig;
  readonly tenants: readonly StorageTenant[];
}

/**
 * Checks config and tenants together; nothing is half-applied.
 * @throws InvalidFileError with every problem of every file
 */
export function loadPolicy(
  {
    config: configText,
    tenants: tenantTexts,
  }: { config?: SourceText | undefined; tenants: readonly SourceText[] },
  ruleIds: ReadonlySet<string>,
): LoadedPolicy {
  const problems: FileProblem[] = [];
  const config =
    configText === undefined
      ? defaultConfig()
      : collect(problems, () => loadConfig(configText.file, configText.text, ruleIds));
  const declared = tenantTexts.flatMap(
    ({ file, text }) => collect(problems, () => loadTenants(file, text)) ?? [],
  );
  const [first] = tenantTexts;
  if (first !== undefined && declared.length === 0 && problems.length === 0) {
    // A half-written file is empty, too; taken for "no tenants" it would free every bucket.
    problems.push(problemOfFile(first.file, 'there is no StorageTenant in it'));
  }
  if (config !== undefined && problems.length === 0) {
    problems.push(...overlapProblems(declared, { config, ruleIds }));
  }
  if (problems.length > 0 || config === undefined) throw new InvalidFileError(problems);
  return { config, tenants: declared.map(({ declaration }) => declaration) };
}

/** What only all tenants together show: overlaps, and a name given twice. */
function overlapProblems(
  declared: readonly DeclaredTenant[],
  {
    config,
    ruleIds,
  }: { readonly config: BucketwardenConfig; readonly ruleIds: ReadonlySet<string> },
): FileProblem[] {
  const settings = compileSettings(config);
  const tenants = new TenantIndex(declared.map(({ declaration }) => declaration));
  const names = new Set<string>();
  return declared.flatMap(({ declaration, source }) => {
    const { name } = declaration.metadata;
    const isRepeated = names.has(name);
    names.add(name);
    const found = tenantProblems(declaration, { tenants, settings, ruleIds });
    const all = isRepeated
      ? [{ path: ['metadata', 'name'], message: `tenant "${name}" is declared twice` }, ...found]
      : found;
    return all.map(({ path, message }) => ({
      file: source.file,
      ...source.positionOf(path),
      path: formatPath(path),
      message,
    }));
  });
}

function collect<Value>(problems: FileProblem[], load: () => Value): Value | undefined {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof InvalidFileError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
