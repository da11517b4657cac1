import { applyPatch } from 'fast-json-patch';
import jsonpatch from 'jsonpatch';
import { expect } from 'vitest';
import type { PatchOperation } from '../../src/admission/json-patch.ts';
import { isRecord, recordOf, type JsonRecord } from '../../src/admission/json.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import { admit, mutate, type Engine } from '../../src/engine/admit.ts';
import type { Decision } from '../../src/engine/decide.ts';
import { aRequest } from '../builders.ts';

/** Applies a patch with two independent libraries, which must agree; the input is not touched. */
export function patched(object: JsonRecord, patch: readonly PatchOperation[]): JsonRecord {
  const operations = structuredClone([...patch]);
  const one: unknown = jsonpatch.apply_patch(structuredClone(object), operations);
  const other: unknown = applyPatch(
    structuredClone(object),
    structuredClone(operations),
    true,
  ).newDocument;
  expect(one).toEqual(other);
  return recordOf(one);
}

/** The object after /mutate, which must leave its own output alone. */
export async function injected(request: AdmissionRequest, engine: Engine): Promise<JsonRecord> {
  const { patch } = await mutate(request, engine);
  const object = patched(request.object ?? {}, patch);
  expect((await mutate({ ...request, object }, engine)).patch).toEqual([]);
  return object;
}

/** What the API server does on CREATE: mutate, apply, judge. */
export async function admitted(
  object: JsonRecord,
  engine: Engine,
): Promise<{ readonly object: JsonRecord; readonly decision: Decision }> {
  const request = aRequest({ object });
  const result = await injected(request, engine);
  const { decision } = await admit({ ...request, object: result }, engine);
  return { object: result, decision };
}

/**
 * Paths of what `before` held and `after` does not. Lists may grow at their end, and null may become
 * something, because the API server takes null for absent.
 */
export function lossesIn(after: unknown, before: unknown, path = ''): string[] {
  if (before === null || before === undefined || Object.is(after, before)) return [];
  if (Array.isArray(before)) {
    const found: readonly unknown[] = Array.isArray(after) ? after : [];
    return before.flatMap((item, index) => lossesIn(found[index], item, `${path}/${index}`));
  }
  if (!isRecord(before) || !isRecord(after)) return [path];
  return Object.entries(before).flatMap(([key, value]) =>
    lossesIn(Object.hasOwn(after, key) ? after[key] : undefined, value, `${path}/${key}`),
  );
}
