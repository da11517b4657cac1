import { formatPath } from '../admission/field-path.ts';
import { isRecord, listOf, recordOf, textOf, valueAt } from '../admission/json.ts';
import { bucketwardenConfigSchema, type BucketwardenConfig } from './bucketwarden-config.ts';
import { InvalidFileError, problemOfFile, type FileProblem } from '../errors.ts';
import { readManifest, type ManifestObject } from '../files/documents.ts';
import { apiVersion } from '../names.ts';
import { configProblems, unknownRule } from './config-problems.ts';
import { withDefaults } from './defaults.ts';
import { foreignExemption, storageTenantSchema, type StorageTenant } from './storage-tenant.ts';
import { validateBySchema, type DeclarationProblem } from './validate.ts';

/** A declared tenant and where it was written. */
export interface DeclaredTenant {
  readonly declaration: StorageTenant;
  readonly source: ManifestObject;
}

/**
 * Reads the StorageTenants of a file's text. All or nothing: one bad document and none is used.
 * @throws InvalidFileError with every problem, each with line, column and path
 */
export function loadTenants(file: string, text: string): readonly DeclaredTenant[] {
  const { objects, problems } = readManifest(file, text);
  const found = objects.map((source) => ({ source, ...decodeTenant(source.value) }));
  const all = [
    ...problems,
    ...found.flatMap(({ source, problems: own }) => toFileProblems(source, own)),
  ];
  if (all.length > 0) throw new InvalidFileError(all);
  return found.flatMap(({ source, declaration }) => (declaration ? [{ declaration, source }] : []));
}

/**
 * Reads one BucketwardenConfig. A file without one is refused: a half-written file is empty too, and must
 * not bring back the defaults.
 * @throws InvalidFileError with every problem, each with line, column and path
 */
export function loadConfig(
  file: string,
  text: string,
  ruleIds?: ReadonlySet<string>,
): BucketwardenConfig {
  const { objects, problems } = readManifest(file, text);
  const [source, second] = objects;
  if (source === undefined) {
    const missing = problemOfFile(file, 'there is no BucketwardenConfig in it');
    throw new InvalidFileError(problems.length > 0 ? problems : [missing]);
  }
  const tooMany = second
    ? toFileProblems(second, [{ path: [], message: 'is a second document; a config file has one' }])
    : [];
  const { config, problems: own } = decodeConfig(source.value);
  const unknown = config && ruleIds ? unknownRules(config, ruleIds) : [];
  const all = [...problems, ...tooMany, ...toFileProblems(source, [...own, ...unknown])];
  if (all.length > 0 || config === undefined) throw new InvalidFileError(all);
  return config;
}

function unknownRules(
  { rules }: BucketwardenConfig,
  ruleIds: ReadonlySet<string>,
): DeclarationProblem[] {
  return Object.keys(rules)
    .filter((rule) => !ruleIds.has(rule))
    .map((rule) => ({
      path: ['rules', rule],
      message: unknownRule(rule),
    }));
}

/** The same checks for an object that came over the wire; defaults are filled in. */
export function decodeTenant(value: unknown): {
  readonly declaration?: StorageTenant;
  readonly problems: readonly DeclarationProblem[];
} {
  const wrongKind = kindProblem(value, 'StorageTenant');
  if (wrongKind) return { problems: [wrongKind] };
  const problems = validateBySchema(value, storageTenantSchema).flatMap((problem) =>
    problem.message === foreignExemption ? foreignExemptions(value) : [problem],
  );
  if (problems.length > 0) return { problems };
  return { declaration: withDefaults(value, storageTenantSchema) as StorageTenant, problems };
}

/** The API server can only say it of the whole object; here each namespace is named. */
function foreignExemptions(value: unknown): DeclarationProblem[] {
  const namespaces = new Set(listOf(valueAt(value, ['spec', 'namespaces'])));
  return listOf(valueAt(value, ['spec', 'exemptions'])).flatMap((exemption, index) =>
    namespaces.has(recordOf(exemption)['namespace'])
      ? []
      : [{ path: ['spec', 'exemptions', index, 'namespace'], message: foreignExemption }],
  );
}

/** Every field of a config without a file: the documented defaults. */
export function defaultConfig(): BucketwardenConfig {
  const empty = { apiVersion, kind: 'BucketwardenConfig' };
  return withDefaults(empty, bucketwardenConfigSchema) as BucketwardenConfig;
}

function decodeConfig(value: unknown): {
  readonly config?: BucketwardenConfig;
  readonly problems: readonly DeclarationProblem[];
} {
  const wrongKind = kindProblem(value, 'BucketwardenConfig');
  if (wrongKind) return { problems: [wrongKind] };
  const bySchema = validateBySchema(value, bucketwardenConfigSchema);
  if (bySchema.length > 0) return { problems: bySchema };
  const config = withDefaults(value, bucketwardenConfigSchema) as BucketwardenConfig;
  const problems = configProblems(config);
  return problems.length > 0 ? { problems } : { config, problems };
}

/** Another kind gets one clear sentence instead of a list of all its fields. */
function kindProblem(value: unknown, kind: string): DeclarationProblem | undefined {
  const found = recordOf(value);
  if (found['kind'] === kind && found['apiVersion'] === apiVersion) return undefined;
  if (!isRecord(value)) {
    return { path: [], message: `must be a ${kind} of ${apiVersion}, found no object` };
  }
  const what = [textOf(found['apiVersion']), textOf(found['kind'])].map(
    (text) => text ?? 'nothing',
  );
  return {
    path: [],
    message: `must be a ${kind} of ${apiVersion}, found ${what.reverse().join(' of ')}`,
  };
}

function toFileProblems(
  { file, positionOf }: ManifestObject,
  problems: readonly DeclarationProblem[],
): FileProblem[] {
  return problems
    .map(({ path, message }) => ({
      file,
      ...positionOf(path),
      path: formatPath(path),
      message,
    }))
    .sort((one, other) => one.line - other.line || one.column - other.column);
}
