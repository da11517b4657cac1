import { formatPath } from '../admission/field-path.ts';
import {
  defaultConfig,
  loadConfig,
  loadTenants,
  type DeclaredTenant,
} from '../declaration/load.ts';
import { InvalidFileError, problemOfFile, type FileProblem } from '../errors.ts';
import type { SourceText } from '../files/read-sources.ts';
import { storageTenantProblems } from '../objects/tenant-variables.ts';
import { compilePolicy, type CompiledPolicy } from './compiled-policy.ts';

/**
 * Checks config and tenants together and compiles them; nothing is half-applied.
 * @throws InvalidFileError with every problem of every file
 */
export function loadPolicy(
  {
    config: configText,
    tenants: tenantTexts,
  }: { config?: SourceText | undefined; tenants: readonly SourceText[] },
  ruleIds: ReadonlySet<string>,
): CompiledPolicy {
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
  if (problems.length > 0 || config === undefined) throw new InvalidFileError(problems);
  const policy = compilePolicy({ config, tenants: declared.map(({ declaration }) => declaration) });
  const overlaps = overlapProblems(declared, { policy, ruleIds });
  if (overlaps.length > 0) throw new InvalidFileError(overlaps);
  return policy;
}

/** What only all tenants together show: overlaps, and a name given twice. */
function overlapProblems(
  declared: readonly DeclaredTenant[],
  { policy, ruleIds }: { readonly policy: CompiledPolicy; readonly ruleIds: ReadonlySet<string> },
): FileProblem[] {
  const names = new Set<string>();
  return declared.flatMap(({ declaration, source }) => {
    const { name } = declaration.metadata;
    const isRepeated = names.has(name);
    names.add(name);
    const found = storageTenantProblems(declaration, { ...policy, ruleIds });
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
