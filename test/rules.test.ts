import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { applyPatch } from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { formatPath } from '../src/admission/field-path.ts';
import { isRecord, recordOf, type JsonRecord } from '../src/admission/json.ts';
import type { AdmissionRequest } from '../src/admission/review.ts';
import { admit, mutate, type Engine } from '../src/engine/admit.ts';
import { fixText } from '../src/engine/decide.ts';
import { limits } from '../src/limits.ts';
import { mutations } from '../src/inject/mutations.ts';
import { matchesOf } from '../src/manifests/webhook-rules.ts';
import { rules } from '../src/rules/index.ts';
import { isClusterScoped, kindOf, resourceOf } from '../src/objects/kinds.ts';
import type { DeniedExample, Example, Rule } from '../src/rules/rule.ts';
import { exampleEngine } from './example-engine.ts';

const engine = await exampleEngine();

describe('the list of rules', () => {
  it('holds every rule file, sorted by id, and an id is its file name', () => {
    const files = readdirSync(new URL('../src/rules', import.meta.url), {
      recursive: true,
      encoding: 'utf8',
    })
      .filter((file) => file.endsWith('.ts'))
      .filter((file) =>
        readFileSync(new URL(`../src/rules/${file}`, import.meta.url), 'utf8').includes(
          ': RuleOf<',
        ),
      )
      .map((file) => basename(file, '.ts'));
    expect(rules.map(({ id }) => id)).toEqual(files.sort());
  });

  it('knows the kind behind every resource that is matched', () => {
    const matched = matchesOf([...rules, ...mutations]).flatMap(({ group, resources }) =>
      resources.map((resource) => ({ group, resource })),
    );
    for (const { group, resource } of matched) {
      const main = resource.split('/', 1)[0] ?? '';
      expect(kindOf(group, main), `${group}/${resource}`).toBeDefined();
    }
  });

  it('speaks in sentences that end without a full stop, which messages add', () => {
    for (const { title, fix } of rules) {
      expect(title).toMatch(/^[A-Z].*[^.]$/);
      expect(fix).toMatch(/^[A-Z].*[^.]$/);
    }
  });
});

describe.each(rules)('$id', (rule) => {
  it.each(rule.examples.allowed)('allows $name', async (example) => {
    const { decision } = await review(example, engine);
    expect(decision.message).toBe('');
    expect(decision.allowed).toBe(true);
  });

  it.each(rule.examples.denied)('denies $name', async (example) => {
    const { decision } = await review(example, engine);
    expect(decision.allowed).toBe(false);
    expect(pathsOf(rule, decision)).toEqual(example.paths);
  });

  it.each(rule.examples.denied)(
    'says the path, the reason and the fix of each: $name',
    async (example) => {
      const { decision } = await review(example, engine);
      for (const { finding } of decision.denied.slice(0, limits.maxReportedViolations)) {
        const { path, reason } = finding.violation;
        expect(reason).not.toMatch(/^$|undefined|\[object/);
        expect(decision.message).toContain(`[${finding.rule.id}] ${formatPath(path)}: ${reason}`);
        expect(decision.message).toContain(`. ${fixText(finding)}`);
      }
      expect(decision.message).toMatch(/breaks (a rule|rules in \d+ places):\n- \[/);
    },
  );

  it('decides alike in every served version', async () => {
    for (const example of rule.examples.denied) {
      for (const version of ['v1', 'v1beta1', 'v1alpha3']) {
        const { decision } = await review(example, engine, version);
        expect(pathsOf(rule, decision)).toEqual(example.paths);
      }
    }
  });
});

function pathsOf(rule: Rule, decision: Awaited<ReturnType<typeof admit>>['decision']): string[] {
  return decision.denied
    .filter(({ finding }) => finding.rule === rule)
    .map(({ finding }) => formatPath(finding.violation.path))
    .sort();
}

/** As the API server does it: mutate, apply the patch, mutate again (which changes nothing), judge. */
async function review(
  example: Example | DeniedExample,
  to: Engine,
  version?: string,
): ReturnType<typeof admit> {
  const request = requestFor(example, version);
  const { patch } = await mutate(request, to);
  const copy = structuredClone(request.object ?? {});
  const object = recordOf(applyPatch(copy, structuredClone([...patch])).newDocument);
  const mutated = { ...request, object };
  expect((await mutate(mutated, to)).patch).toEqual([]);
  return admit(mutated, to);
}

function requestFor(example: Example, version?: string): AdmissionRequest {
  const object = parseExample(example.yaml);
  const [group, written] = splitApiVersion(String(object['apiVersion']));
  const kind = { group, version: version ?? written, kind: String(object['kind']) };
  const metadata = recordOf(object['metadata']);
  return {
    uid: 'example',
    kind,
    resource: { group, version: kind.version, resource: resourceOf(kind) ?? '' },
    subResource: '',
    name: String(metadata['name']),
    namespace: isClusterScoped(kind) ? '' : String(metadata['namespace']),
    operation: example.before === undefined ? 'CREATE' : 'UPDATE',
    userInfo: { username: 'example', groups: [] },
    object,
    oldObject: example.before === undefined ? undefined : parseExample(example.before),
    dryRun: false,
  };
}

function parseExample(yaml: string): JsonRecord {
  const [document] = parseAllDocuments(yaml);
  if (document === undefined || !('toJS' in document)) throw new Error('an example is one object');
  const value: unknown = document.toJS();
  if (!isRecord(value)) throw new Error('an example is one object');
  return value;
}

function splitApiVersion(apiVersion: string): [string, string] {
  const slash = apiVersion.indexOf('/');
  return [apiVersion.slice(0, Math.max(slash, 0)), apiVersion.slice(slash + 1)];
}
