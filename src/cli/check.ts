import { formatPath } from '../admission/field-path.ts';
import { isRecord, textOf, valueAt } from '../admission/json.ts';
import { isJudged, type Engine } from '../engine/admit.ts';
import { problemOfFile, renderProblem, type FileProblem } from '../errors.ts';
import { readManifest, type ManifestObject } from '../files/documents.ts';
import { rules } from '../rules/index.ts';
import { RuleRegistry } from '../engine/registry.ts';
import type { ExitCode, Io } from './io.ts';
import { judgeObject } from '../engine/offline/judge-object.ts';
import { readManifestFiles } from './manifest-files.ts';
import { buildRequest } from '../engine/offline/object-request.ts';
import { createOfflineEngine } from '../engine/offline/offline-engine.ts';
import { renderJson } from './output/json.ts';
import { paintFor } from './output/paint.ts';
import { Progress } from './output/progress.ts';
import { summarize, type Report, type Result } from '../engine/offline/report.ts';
import { renderText } from './output/text.ts';
import { readPolicy } from './read-policy.ts';

/** Flags of `check`. */
export interface CheckFlags {
  readonly tenants?: readonly string[];
  readonly config?: string;
  readonly namespace: string;
  readonly output: 'text' | 'json';
  readonly showPatch?: boolean;
  readonly color: boolean;
}

/** Judges manifests without a cluster. Findings go to stdout, what could not be read to stderr. */
export async function check(
  paths: readonly string[],
  { flags, io }: { readonly flags: CheckFlags; readonly io: Io },
): Promise<ExitCode> {
  const registry = new RuleRegistry(rules, 'files');
  const policy = await readPolicy(flags, { io, ruleIds: registry.ids });
  const { objects, problems } = await readObjects(paths, io);
  const namespaces = namespacesAmong(objects);
  const engine = createOfflineEngine(policy, { registry, now: io.now, namespaces });
  const judged = await judgeAll(objects, { engine, flags, io });
  const errors = [...problems, ...judged.problems];
  const report: Report = {
    results: judged.results,
    errors: errors.map(({ file, line, column, path, message }) => ({
      file,
      line,
      column,
      message: path === '' ? message : `${path}: ${message}`,
    })),
    skippedKinds: judged.skippedKinds,
    summary: summarize(judged.results, judged.skippedKinds.length),
  };
  const paint = paintFor(io, flags.color);
  io.stdout.write(flags.output === 'json' ? renderJson(report) : renderText(report, paint));
  for (const problem of errors) io.stderr.write(`${renderProblem(problem)}\n`);
  if (errors.length > 0) return 2;
  return report.summary.denied > 0 ? 1 : 0;
}

async function readObjects(
  paths: readonly string[],
  io: Io,
): Promise<{ readonly objects: readonly ManifestObject[]; readonly problems: FileProblem[] }> {
  const { files, problems } = await readManifestFiles(paths, io);
  const read = files.map(({ file, text }) => ({ file, ...readManifest(file, text) }));
  const all = [...problems, ...read.flatMap((one) => one.problems)];
  const objects = read.flatMap((one) => one.objects);
  if (objects.length === 0 && all.length === 0) {
    // An upstream command that failed and printed nothing must not pass for "all is well".
    all.push(problemOfFile(read[0]?.file ?? '', 'there is no object in it'));
  }
  return { objects, problems: all };
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

interface Judged {
  readonly results: readonly Result[];
  readonly problems: readonly FileProblem[];
  readonly skippedKinds: readonly string[];
}

async function judgeAll(
  objects: readonly ManifestObject[],
  { engine, flags, io }: { readonly engine: Engine; readonly flags: CheckFlags; readonly io: Io },
): Promise<Judged> {
  const { podSpecPaths } = engine.surroundings.state.settings.detection;
  const results: Result[] = [];
  const problems: FileProblem[] = [];
  const skippedKinds: string[] = [];
  const progress = new Progress(io.stderr, objects.length);
  for (const source of objects) {
    progress.step();
    const built = buildRequest(source.value, { defaultNamespace: flags.namespace, podSpecPaths });
    if (built.kind === 'invalid') {
      const { path, message } = built;
      problems.push({
        file: source.file,
        ...source.positionOf(path),
        path: formatPath(path.slice(0, -1)),
        message,
      });
    } else if (built.kind === 'unregistered' || !isJudged(built.request, engine)) {
      skippedKinds.push(textOf(valueAt(source.value, ['kind'])) ?? '');
    } else {
      const result = await judgeObject(source, { request: built.request, engine });
      results.push(flags.showPatch === true ? result : { ...result, patch: [] });
    }
  }
  progress.end();
  return { results, problems, skippedKinds };
}
