import jsonpatch from 'jsonpatch';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isRecord, recordOf, textOf, valueAt, type JsonRecord } from '../../src/admission/json.ts';
import { judgeObject } from '../../src/engine/offline/judge-object.ts';
import { buildRequest } from '../../src/engine/offline/object-request.ts';
import { admit, mutate } from '../../src/engine/admit.ts';
import { readManifest } from '../../src/files/documents.ts';
import { limits } from '../../src/limits.ts';
import { rules } from '../../src/rules/index.ts';
import { createReviewClient, type ReviewClient } from '../../scripts/demo/review-client.ts';
import { exampleEngine } from '../example-engine.ts';
import { describeOnCluster } from './cluster.ts';
import { denialIn, describeResult, kubectlFor } from './kubectl.ts';
import { endTenancy, serveTenancy, type Served } from './served.ts';

/**
 * Every example of every rule that is the creation of an object and that is judged offline, too; what
 * the API server picks out itself has tests of its own.
 */
const offlineRules = rules.filter(({ subject }) =>
  subject.match.some(({ entry }) => entry === undefined),
);
const examples = offlineRules.flatMap(({ id, examples: { allowed, denied } }) =>
  [...allowed, ...denied]
    .filter((example) => example.before === undefined)
    .map((example) => ({ id, ...example, isAllowed: !('paths' in example) })),
);

describeOnCluster('every example, three ways', (cluster) => {
  const kubectl = kubectlFor(cluster);
  let served: Served | undefined;
  let client: ReviewClient | undefined;

  beforeAll(async () => {
    served = await serveTenancy(kubectl, cluster.kubeconfig);
    client = createReviewClient(served.server.port, served.server.caCertificate ?? '');
  });

  afterAll(async () => {
    client?.close();
    await endTenancy(kubectl, served);
  });

  it.each(examples)('$id: $name', async ({ yaml, isAllowed }) => {
    const offline = await offlineAnswer(yaml);
    expect(offline.allowed).toBe(isAllowed);

    const wire = await wireAnswer(client, objectIn(yaml));
    expect(wire.message).toBe(offline.message);
    expect(pathsOf(wire.patch)).toEqual(pathsOf(offline.patch));

    const applied = await kubectl(['apply', '--dry-run=server', '-o', 'json', '-f', '-'], {
      stdin: yaml,
    });
    expect(applied.exitCode === 0, describeResult(applied)).toBe(isAllowed);
    if (isAllowed) expectPatched(JSON.parse(applied.stdout), wire.patch);
    else if (denialIn(applied) !== undefined) expect(denialIn(applied)).toBe(offline.message);
    // What the CRD itself refuses never reaches us; its message comes from the same schema.
    else expect(applied.stderr, describeResult(applied)).toMatch(/is invalid: /);
  });
});

interface Answer {
  readonly allowed: boolean;
  readonly message: string;
  readonly patch: readonly { readonly path: string; readonly value: unknown }[];
}

/** What `check` says, and the message that the same decision makes on the wire. */
async function offlineAnswer(yaml: string): Promise<Answer> {
  const engine = await exampleEngine(() => new Date());
  const [source] = readManifest('example', yaml).objects;
  const built = buildRequest(source?.value, {
    defaultNamespace: 'default',
    podSpecPaths: new Map(),
  });
  if (source === undefined || built.kind !== 'request') throw new Error('not judged');
  const { request } = built;
  const { allowed, violations, patch: shown } = await judgeObject(source, { request, engine });
  const { patch } = await mutate(request, engine);
  const object = recordOf(jsonpatch.apply_patch(request.object ?? {}, [...patch]));
  const { decision } = await admit({ ...request, object }, engine);
  expect(pathsOf(shown)).toEqual(pathsOf(patch));
  expect(allowed).toBe(decision.allowed);
  // The message has the first ones and counts the rest.
  const told = allowed ? [] : violations.slice(0, limits.maxReportedViolations);
  for (const { message } of told) expect(decision.message).toContain(message);
  return { allowed, message: decision.message, patch };
}

async function wireAnswer(client: ReviewClient | undefined, object: JsonRecord): Promise<Answer> {
  if (client === undefined) throw new Error('not served');
  const { patch } = await client.post('/mutate', object);
  const patched: unknown = jsonpatch.apply_patch(object, [...patch]);
  const { allowed, message } = await client.post('/validate', recordOf(patched));
  return { allowed, message, patch };
}

function objectIn(yaml: string): JsonRecord {
  const value: unknown = parse(yaml);
  if (!isRecord(value)) throw new Error('an example is one object');
  return value;
}

/** Signatures differ from run to run, so values are compared where they are stored. */
function pathsOf(patch: Answer['patch']): string[] {
  return patch.map(({ path }) => path);
}

/** What /mutate answered stands in what the API server would store. */
function expectPatched(stored: unknown, patch: Answer['patch']): void {
  for (const { path, value } of patch) {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (keys.at(-1) === '-') {
      const list = valueAt(stored, keysToPath(keys.slice(0, -1)));
      expect(list).toContainEqual(expect.objectContaining(recordOf(value)));
    } else if (isRecord(value)) {
      const found = recordOf(valueAt(stored, keysToPath(keys)));
      expect(Object.keys(found)).toEqual(expect.arrayContaining(Object.keys(value)));
    } else if (textOf(value) !== undefined) {
      expect(valueAt(stored, keysToPath(keys))).toBe(value);
    } else {
      expect(valueAt(stored, keysToPath(keys))).toBeDefined();
    }
  }
}

function keysToPath(keys: readonly string[]): (string | number)[] {
  return keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}
