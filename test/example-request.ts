import { applyPatch } from 'fast-json-patch';
import { expect } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { isRecord, recordOf, type JsonRecord } from '../src/admission/json.ts';
import type { AdmissionRequest } from '../src/admission/review.ts';
import { admit, mutate, type Engine } from '../src/engine/admit.ts';
import { isClusterScoped, resourceOf } from '../src/objects/kinds.ts';
import type { Example } from '../src/rules/rule.ts';

/** As the API server does it: mutate, apply the patch, mutate again (which changes nothing), judge. */
export async function reviewRequest(
  request: AdmissionRequest,
  to: Engine,
): ReturnType<typeof admit> {
  const { patch } = await mutate(request, to);
  const copy = structuredClone(request.object ?? {});
  const object = recordOf(applyPatch(copy, structuredClone([...patch])).newDocument);
  const mutated = { ...request, object };
  expect((await mutate(mutated, to)).patch).toEqual([]);
  return admit(mutated, to);
}

/** The request that creates an example, or updates it where it says what was there before. */
export function requestFor(example: Example, version?: string): AdmissionRequest {
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

/** The object in an example. */
export function parseExample(yaml: string): JsonRecord {
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
