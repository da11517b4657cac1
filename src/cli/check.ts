import { isRecord, textOf, valueAt } from '../admission/json.ts';
import { judgeObjects, type Judged } from '../engine/offline/judge-objects.ts';
import { createOfflineEngine } from '../engine/offline/offline-engine.ts';
import { summarize, type Report, type ReportedError } from '../engine/offline/report.ts';
import { withTenantsAmong } from '../engine/offline/with-tenants.ts';
import { RuleRegistry } from '../engine/registry.ts';
import { UsageError, problemOfFile, renderProblem, type FileProblem } from '../errors.ts';
import { readManifest, type ManifestObject } from '../files/documents.ts';
import { readSources } from '../files/read-sources.ts';
import { rules } from '../rules/index.ts';
import { namespaceNote } from './namespace-note.ts';
import type { ExitCode, Io } from './io.ts';
import { renderJson } from './output/json.ts';
import { paintFor } from './output/paint.ts';
import { Progress } from './output/progress.ts';
import { renderText } from './output/text.ts';
import { readPolicy } from './read-policy.ts';
import { tenantNotes } from './tenant-notes.ts';

/** Flags of `check`. */
export interface CheckFlags {
  readonly tenants?: readonly string[];
  readonly config?: string;
  /** Undefined when it was not given. */
  readonly namespace?: string;
  readonly live?: boolean;
  readonly output: 'text' | 'json';
  readonly showPatch?: boolean;
  readonly color: boolean;
}

/** Where kubectl puts objects that name no namespace, unless its context says otherwise. */
const kubectlDefault = 'default';

/** Judges manifests without a cluster. Findings go to stdout, everything else to stderr. */
export async function check(
  paths: readonly string[],
  { flags, io }: { readonly flags: CheckFlags; readonly io: Io },
): Promise<ExitCode> {
  if (flags.namespace !== undefined && !isDnsLabel(flags.namespace)) {
    throw new UsageError(`--namespace "${flags.namespace}" is not a valid name of a namespace`);
  }
  const registry = new RuleRegistry(rules, 'files');
  const policy = await readPolicy(flags, { io, ruleIds: registry.ids });
  const { objects, problems, foundFiles } = await readObjects(paths, io);
  const namespaces = namespacesAmong(objects);
  const given = { registry, now: io.now, namespaces };
  const engine = createOfflineEngine(policy, given);
  const withInput = withTenantsAmong(policy, objects);
  const tenantEngine = createOfflineEngine(withInput, given);
  const progress = new Progress(io.stderr, objects.length);
  const judged = await judgeObjects(objects, {
    engine,
    tenantEngine,
    foundFiles,
    defaultNamespace: flags.namespace ?? kubectlDefault,
    isStored: flags.live === true,
    onObject: () => {
      progress.step();
    },
  });
  progress.end();
  const found = [...problems, ...judged.problems];
  const all = found.length === 0 && hasNoManifest(judged) ? [nothingIn(paths, objects)] : found;
  const report: Report = {
    results: judged.results.map((one) => (flags.showPatch === true ? one : { ...one, patch: [] })),
    errors: all.map(toError),
    summary: summarize(judged.results, judged.skipped),
  };
  const paint = paintFor(io, flags.color);
  io.stdout.write(flags.output === 'json' ? renderJson(report) : renderText(report, paint));
  io.stderr.write(
    namespaceNote(judged.inDefaultNamespace, { flags, state: engine.surroundings.state }),
  );
  io.stderr.write(tenantNotes(withInput.tenants.declarations, { rules, now: io.now() }));
  for (const problem of all) io.stderr.write(`${renderProblem(problem)}\n`);
  if (all.length > 0) return 2;
  return report.summary.denied > 0 ? 1 : 0;
}

function isDnsLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text);
}

interface ReadObjects {
  readonly objects: readonly ManifestObject[];
  readonly problems: readonly FileProblem[];
  /** Files that the user did not name. */
  readonly foundFiles: ReadonlySet<string>;
}

async function readObjects(paths: readonly string[], io: Io): Promise<ReadObjects> {
  const { sources, problems } = await readSources(paths, io);
  const read = sources.map(({ file, text }) => readManifest(file, text));
  const all = [...problems, ...read.flatMap((one) => one.problems)];
  const objects = read.flatMap((one) => one.objects);
  const found = sources.filter(({ isNamed }) => !isNamed).map(({ file }) => file);
  return { objects, problems: all, foundFiles: new Set(found) };
}

/** A command that failed and piped nothing into this one must not pass for "all is well". */
function hasNoManifest({ results, skipped }: Judged): boolean {
  return results.length === 0 && skipped.every(({ reason }) => reason === 'not-a-manifest');
}

function nothingIn(
  [path = '']: readonly string[],
  objects: readonly ManifestObject[],
): FileProblem {
  const what = objects.length === 0 ? 'object' : 'Kubernetes manifest';
  return problemOfFile(path === '-' ? 'stdin' : path, `contains no ${what}`);
}

/** Namespaces among the input stand in for those of the cluster. */
function namespacesAmong(
  objects: readonly ManifestObject[],
): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const namespaces = new Map<string, Readonly<Record<string, string>>>();
  for (const { value } of objects) {
    const name = textOf(valueAt(value, ['metadata', 'name']));
    if (valueAt(value, ['kind']) !== 'Namespace' || name === undefined) continue;
    const labels = valueAt(value, ['metadata', 'labels']);
    namespaces.set(name, textsOf(labels));
  }
  return namespaces;
}

function textsOf(labels: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(isRecord(labels) ? labels : {});
  return Object.fromEntries(entries.map(([key, value]) => [key, textOf(value) ?? '']));
}

function toError({ file, line, column, path, message }: FileProblem): ReportedError {
  return { file, line, column, message: path === '' ? message : `${path}: ${message}` };
}
