import { formatPath } from '../../admission/field-path.ts';
import { textOf, valueAt } from '../../admission/json.ts';
import type { FileProblem } from '../../errors.ts';
import type { ManifestObject } from '../../files/documents.ts';
import { hasNamesake } from '../../objects/kinds.ts';
import { classOf } from '../../settings/settings.ts';
import { isJudged, type Engine } from '../admit.ts';
import { judgeObject } from './judge-object.ts';
import { buildRequest, type ObjectRequest } from './object-request.ts';
import type { Result, SkipReason, Skipped } from './report.ts';

export interface JudgingSetting {
  readonly engine: Engine;
  /** The same for StorageTenants, which are also judged against each other. */
  readonly tenantEngine: Engine;
  /** Namespace of objects that name none. */
  readonly defaultNamespace: string;
  /** The objects come from a cluster and are judged as they are. */
  readonly isStored: boolean;
  /** Files that may hold something else than manifests: those found in a directory. */
  readonly foundFiles: ReadonlySet<string>;
  /** Called once for each object, before it is judged. */
  readonly onObject: () => void;
}

export interface Judged {
  readonly results: readonly Result[];
  readonly problems: readonly FileProblem[];
  readonly skipped: readonly Skipped[];
  /** How many objects were put into the default namespace. */
  readonly inDefaultNamespace: number;
}

/** Judges objects from files. What no rule is about is skipped, with the reason. */
export async function judgeObjects(
  objects: readonly ManifestObject[],
  setting: JudgingSetting,
): Promise<Judged> {
  const { engine, isStored } = setting;
  const results: Result[] = [];
  const problems: FileProblem[] = [];
  const skipped: Skipped[] = [];
  const candidates = candidatesAmong(objects, setting);
  for (const { source, built, mayBeOther } of candidates) {
    setting.onObject();
    if (built.kind === 'invalid') {
      if (mayBeOther) skipped.push({ reason: 'not-a-manifest', name: source.file });
      else problems.push(toProblem(source, built));
    } else if (built.kind === 'misplaced') {
      problems.push(toProblem(source, built));
    } else if (built.kind === 'unregistered') {
      skipped.push({ reason: 'kind', name: kindName(source) });
    } else if (!isJudged(built.request, engine)) {
      skipped.push(whySkipped(source, { namespace: built.request.namespace, engine }));
    } else {
      const { request } = built;
      const own = request.kind.kind === 'StorageTenant' ? setting.tenantEngine : engine;
      results.push(await judgeObject(source, { request, engine: own, isStored }));
    }
  }
  const inDefaultNamespace = candidates.filter(
    ({ built }) => built.kind === 'request' && built.isInDefaultNamespace,
  ).length;
  return { results, problems, skipped, inDefaultNamespace };
}

interface Candidate {
  readonly source: ManifestObject;
  readonly built: ObjectRequest;
  /** Nothing in its file is a manifest, and the user did not name the file. */
  readonly mayBeOther: boolean;
}

/**
 * A file of a directory may be a values.yaml, a package.json or a patch. One that holds a manifest
 * holds nothing else, so whatever is not one there is a slip.
 */
function candidatesAmong(
  objects: readonly ManifestObject[],
  { engine, defaultNamespace, foundFiles }: JudgingSetting,
): readonly Candidate[] {
  const { podSpecPaths } = engine.surroundings.state.settings.detection;
  const all = objects.map((source) => ({
    source,
    built: buildRequest(source.value, { defaultNamespace, podSpecPaths }),
  }));
  const withManifest = new Set(
    all.filter(({ built }) => built.kind !== 'invalid').map(({ source }) => source.file),
  );
  return all.map(({ source, built }) => ({
    source,
    built,
    mayBeOther: foundFiles.has(source.file) && !withManifest.has(source.file),
  }));
}

function toProblem(
  source: ManifestObject,
  { path, message }: Extract<ObjectRequest, { kind: 'invalid' | 'misplaced' }>,
): FileProblem {
  const position = source.positionOf(path);
  return { file: source.file, ...position, path: formatPath(path.slice(0, -1)), message };
}

function whySkipped(
  source: ManifestObject,
  { namespace, engine }: { readonly namespace: string; readonly engine: Engine },
): Skipped {
  const reason = reasonByClass[classOf(engine.surroundings.state.settings, namespace)];
  return reason === 'kind' ? { reason, name: kindOf(source) } : { reason, name: namespace };
}

const reasonByClass: Readonly<Record<ReturnType<typeof classOf>, SkipReason>> = {
  exempt: 'exempt-namespace',
  platform: 'platform-namespace',
  infrastructure: 'kind',
  workload: 'kind',
};

/** With its apiVersion where another kind of this name is checked. */
function kindName(source: ManifestObject): string {
  const kind = kindOf(source);
  const version = textOf(valueAt(source.value, ['apiVersion'])) ?? '';
  return hasNamesake(kind) ? `${kind} of ${version}` : kind;
}

function kindOf({ value }: ManifestObject): string {
  return textOf(valueAt(value, ['kind'])) ?? '';
}
