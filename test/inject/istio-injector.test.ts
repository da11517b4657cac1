import { expect, it } from 'vitest';
import { isRecord, listOf, recordOf, textOf, type JsonRecord } from '../../src/admission/json.ts';
import { mutate } from '../../src/engine/admit.ts';
import { containersOf } from '../../src/objects/workload/containers.ts';
import { meshContainerTest } from '../../src/objects/workload/mesh-containers.ts';
import { findWorkload, type Workload } from '../../src/objects/workload/pod-template.ts';
import { aConfig, anEngine, aRequest } from '../builders.ts';
import { describeWith, objectsIn, thirdParty, yamlFiles } from '../third-party.ts';
import { admitted, lossesIn, patched } from './admission-cycle.ts';

const proxyImages = ['registry.istio.io/testing/proxyv2'];
const engine = anEngine({ config: aConfig({ mesh: { proxyImages } }) });
const podKind = { group: '', version: 'v1', kind: 'Pod' };

/** Pods without a container of the user's own, which need no identity. */
const meshOnly = new Set([
  'gateway',
  'gateway.input',
  'only-proxy-container',
  'only-proxy-container.input',
]);

const pods = yamlFiles(thirdParty.data, 'injected').flatMap((file) =>
  objectsIn(thirdParty.data, `injected/${file}`).flatMap((object) => {
    const pod = podOf(object);
    const name = file.replace(/\.yaml$/, '');
    return pod === undefined ? [] : [{ name, kind: textOf(object['kind']) ?? '', pod }];
  }),
);

describeWith(thirdParty.data, 'before and after Istio’s own injector', () => {
  it('there are pairs to try', () => {
    expect(pods.length).toBeGreaterThan(30);
  });

  it.each(pods)(
    '$name ($kind): is injected once, admitted, and loses nothing',
    async ({ name, pod }) => {
      const { object, decision } = await admitted(pod, engine);
      expect(decision.message).toBe('');
      expect(decision.warned).toEqual([]);
      expect(lossesIn(object, pod)).toEqual([]);
      expect((await mutate(aRequest({ object: pod }), engine)).patch.length === 0).toBe(
        meshOnly.has(name),
      );
    },
  );

  it.each(pods)('$name ($kind): mesh containers stay as they are', async ({ pod }) => {
    const { object } = await admitted(pod, engine);
    const before = split(pod);
    const after = split(object);
    expect(after.mesh).toEqual(before.mesh);
    expect(after.users.map(({ name }) => name)).toEqual(before.users.map(({ name }) => name));
    for (const container of after.users) expect(container).toHaveProperty('volumeMounts');
  });

  it.each(pods)(
    '$name ($kind): restartPolicy of native sidecars and unknown fields survive',
    async ({ pod }) => {
      const changed = recordOf(withMarks(pod));
      const { object } = await admitted(changed, engine);
      expect(lossesIn(object, changed)).toEqual([]);
      expect(restartPolicies(object)).toEqual(restartPolicies(pod));
    },
  );

  it.each(pods)(
    '$name ($kind): without the proxy’s repository its containers are users’',
    async ({ pod }) => {
      const strict = anEngine();
      const { patch } = await mutate(aRequest({ object: pod }), strict);
      const workload = workloadOf(patched(pod, patch));
      const bare = containersOf(workload, ['initContainers', 'containers']).filter(
        ({ value }) => value['image'] !== 'auto' && !('volumeMounts' in value),
      );
      expect(bare).toEqual([]);
    },
  );
});

/** The pod a controller would make of a template; a Pod is one already. */
function podOf(object: JsonRecord): JsonRecord | undefined {
  const kind = textOf(object['kind']) ?? '';
  const group = (textOf(object['apiVersion']) ?? '').split('/').slice(0, -1).join('/');
  const workload = findWorkload(object, { group, version: 'v1', kind }, new Map());
  if (workload === undefined) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...workload.metadata, name: 'hello', namespace: 'payments' },
    spec: workload.spec,
  };
}

function workloadOf(pod: JsonRecord): Workload {
  const workload = findWorkload(pod, podKind, new Map());
  if (workload === undefined) throw new Error('not a pod');
  return workload;
}

function split(pod: JsonRecord): { mesh: JsonRecord[]; users: JsonRecord[] } {
  const workload = workloadOf(pod);
  const isMesh = meshContainerTest(workload, proxyImages);
  const all = containersOf(workload);
  return {
    mesh: all.filter((one) => isMesh(one)).map(({ value }) => value),
    users: all.filter((one) => !isMesh(one)).map(({ value }) => value),
  };
}

function restartPolicies(pod: JsonRecord): unknown[] {
  return listOf(recordOf(pod['spec'])['initContainers']).map(
    (one) => recordOf(one)['restartPolicy'],
  );
}

/** The same object with a field from the future in every record but annotations. */
function withMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMarks);
  if (!isRecord(value)) return value;
  const marked = Object.entries(value).map(
    ([key, item]) => [key, key === 'annotations' ? item : withMarks(item)] as const,
  );
  return { ...Object.fromEntries(marked), 'x~from/the future': [{ deep: null }] };
}
