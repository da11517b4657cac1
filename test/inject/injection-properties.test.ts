import { applyPatch } from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { isRecord, listOf, recordOf, textOf, type JsonRecord } from '../../src/admission/json.ts';
import { admit, mutate } from '../../src/engine/admit.ts';
import { anEngine, aRequest, aTenant, recordAt } from '../builders.ts';
import { fc, test } from '../objects/workload/property.ts';
import { admitted, injected, lossesIn, patched } from './admission-cycle.ts';

const engine = anEngine({
  tenants: [aTenant({ env: [{ name: 'PAYMENTS_REGION', value: 'eu' }] })],
});
const ours = 'bucketwarden-identity';

/** What the default pod is injected with, to offer users' pods the right values too. */
const model = await injected(aRequest(), engine);
const modelEnv = listOf(recordAt(model, 'spec', 'containers', 0)['env']).map(recordOf);
const modelMount = recordAt(model, 'spec', 'containers', 0, 'volumeMounts', 0);
const modelVolume = recordAt(model, 'spec', 'volumes', 0);
const injectedNames = modelEnv.map(({ name }) => textOf(name) ?? '');

const key = fc.constantFrom(
  'a',
  'app.kubernetes.io/name',
  'x/y~z',
  '~0',
  '~1/~',
  'a b',
  '',
  'constructor',
  '__proto__x',
  'ünï/cödé',
);
const text = fc.string({ maxLength: 20 }).map((value) => value.replaceAll('://', ''));
const absent = fc.constantFrom(undefined, null);
const strange = fc.record({ future: fc.jsonValue({ maxDepth: 2 }) }, { requiredKeys: [] });

const ownVariable = fc.record({ name: fc.constantFrom('A', 'B', 'PATH', 'x/y~z'), value: text });
const variable = fc.oneof(
  ownVariable,
  fc.record({
    name: fc.constantFrom('C', 'D'),
    valueFrom: fc.constant({ fieldRef: { fieldPath: 'metadata.name' } }),
  }),
);
const ownMount = fc
  .uniqueArray(
    fc.constantFrom(
      '/data',
      '/etc/~x',
      '/var/run/secrets',
      '/var/run/secrets/bucketwarden.io',
      'C:\\data',
    ),
    { maxLength: 3 },
  )
  .map((paths) => paths.map((mountPath) => ({ name: 'data', mountPath })));

function optional<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null | undefined> {
  return fc.oneof({ weight: 3, arbitrary: value }, absent);
}

function containerOf(
  entry: fc.Arbitrary<JsonRecord>,
  mounts: fc.Arbitrary<readonly JsonRecord[]>,
): fc.Arbitrary<JsonRecord> {
  return fc
    .record({
      image: fc.constantFrom('app:1', 'auto', 'istio/proxyv2:1'),
      env: optional(fc.array(entry, { maxLength: 6 })),
      volumeMounts: optional(mounts),
      restartPolicy: fc.constantFrom(undefined, 'Always'),
      more: strange,
    })
    .map(({ more, ...container }) => clean({ ...container, ...more }));
}

function podOf(
  container: fc.Arbitrary<JsonRecord>,
  annotations: fc.Arbitrary<Readonly<Record<string, string>>>,
): fc.Arbitrary<JsonRecord> {
  return fc
    .record({
      annotations: optional(annotations),
      labels: optional(fc.dictionary(key, text)),
      containers: fc.array(container, { minLength: 1, maxLength: 3 }),
      initContainers: optional(fc.array(container, { maxLength: 3 })),
      volumes: optional(fc.constant([{ name: 'data', emptyDir: {} }])),
      os: fc.constantFrom(undefined, { name: 'windows' }, { name: 'linux' }),
      account: fc.constantFrom(undefined, 'ledger-writer', 'other'),
      more: strange,
    })
    .map(({ annotations: notes, labels, containers, initContainers, account, more, ...spec }) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: clean({ name: 'report', namespace: 'payments', annotations: notes, labels }),
      spec: clean({
        ...spec,
        ...more,
        serviceAccountName: account,
        containers: named('app', containers),
        initContainers: initContainers && named('init', initContainers),
      }),
    }));
}

function named(prefix: string, containers: readonly JsonRecord[]): JsonRecord[] {
  return containers.map((one, index) => ({ name: `${prefix}-${index}`, ...one }));
}

function clean(record: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

/** Pods that bring nothing under our names. */
const innocent = podOf(containerOf(variable, ownMount), fc.dictionary(key, text));

/** Pods that bring parts of an identity, right and wrong ones, as often as they like. */
const claiming = podOf(
  containerOf(
    fc.oneof(
      variable,
      fc.constantFrom(...modelEnv),
      fc.record({ name: fc.constantFrom(...injectedNames), value: text }),
      fc.record({
        name: fc.constantFrom(...injectedNames),
        valueFrom: fc.constant({ secretKeyRef: { name: 's', key: 'k' } }),
      }),
    ),
    fc.oneof(
      ownMount,
      fc.constant([modelMount]),
      fc.constant([{ name: 'data', mountPath: modelMount['mountPath'] }]),
      fc.constant([{ name: ours, mountPath: '/elsewhere' }, modelMount]),
    ),
  ),
  fc.dictionary(
    fc.oneof(
      key,
      fc.constantFrom(
        'bucketwarden.io/tenant',
        'bucketwarden.io/subject',
        'bucketwarden.io/attestation',
      ),
    ),
    fc.oneof(text, fc.constant('payments')),
  ),
);

describe('any pod without a claim of its own (B2)', () => {
  test('keeps everything, is patched once and is admitted', innocent, async (pod) => {
    const { object, decision } = await admitted(pod, engine);
    expect(lossesIn(object, pod)).toEqual([]);
    expect(decision.message).toBe('');
    expect(decision.warned).toEqual([]);
  });

  test('carries the identity exactly once', innocent, async (pod) => {
    const { object } = await admitted(pod, engine);
    expect(structureProblems(object)).toEqual([]);
    for (const container of containersIn(object)) {
      const names = listOf(container['env']).map((entry) => recordOf(entry)['name']);
      for (const name of injectedNames) expect(names.filter((one) => one === name)).toEqual([name]);
      const mounts = listOf(container['volumeMounts']).filter(
        (entry) => recordOf(entry)['name'] === ours,
      );
      expect(mounts).toHaveLength(1);
    }
    const volumes = listOf(recordAt(object, 'spec')['volumes']);
    expect(volumes.filter((entry) => recordOf(entry)['name'] === ours)).toEqual([modelVolume]);
  });

  test(
    'changes nothing but what it must: the same pod is patched the same way',
    innocent,
    async (pod) => {
      const request = aRequest({ object: pod });
      expect((await mutate(request, engine)).patch).toEqual((await mutate(request, engine)).patch);
    },
  );
});

describe('any pod with claims', () => {
  test(
    'keeps them, is patched once, and is denied or carries the right identity',
    claiming,
    async (pod) => {
      const { object, decision } = await admitted(pod, engine);
      expect(lossesIn(object, pod)).toEqual([]);
      if (!decision.allowed) {
        expect(decision.denied.map(({ finding }) => finding.rule.id)).toContain('storage-identity');
        return;
      }
      for (const container of containersIn(object)) {
        for (const entry of listOf(container['env']).map(recordOf)) {
          const { name, value } = entry;
          if (name === 'AWS_ROLE_ARN')
            expect(entry).toEqual(modelEnv.find((one) => one['name'] === name));
          if (name === 'BUCKETWARDEN_TENANT') expect(value).toBe('payments');
        }
      }
      expect(recordAt(object, 'metadata', 'annotations')['bucketwarden.io/tenant']).toBe(
        'payments',
      );
    },
  );

  test('is denied when /mutate did not run', claiming, async (pod) => {
    expect((await admit(aRequest({ object: pod }), engine)).decision.allowed).toBe(false);
  });

  test(
    'is made right, whatever it claims, once it carries our signature',
    claiming,
    async (pod) => {
      const attestation = recordAt(model, 'metadata', 'annotations')['bucketwarden.io/attestation'];
      const metadata = recordAt(pod, 'metadata');
      const annotations = {
        ...recordOf(metadata['annotations']),
        'bucketwarden.io/attestation': attestation,
      };
      const request = aRequest({ object: { ...pod, metadata: { ...metadata, annotations } } });
      const once = patched(request.object ?? {}, (await mutate(request, engine)).patch);
      expect((await mutate({ ...request, object: once }, engine)).patch).toEqual([]);
      for (const container of containersIn(once)) {
        for (const { name, value } of listOf(container['env']).map(recordOf)) {
          if (name === 'BUCKETWARDEN_TENANT') expect(value).toBe('payments');
        }
      }
    },
  );
});

describe('any JSON in the place of a pod (F3)', () => {
  const junk = fc.jsonValue({ maxDepth: 5 });
  const shaped = fc.record(
    {
      metadata: fc.oneof(junk, fc.record({ annotations: junk })),
      spec: fc.oneof(
        junk,
        fc.record({
          containers: fc.oneof(
            junk,
            fc.array(fc.oneof(junk, fc.record({ env: junk, volumeMounts: junk }))),
          ),
          volumes: junk,
        }),
      ),
    },
    { requiredKeys: [] },
  );

  test('is answered and never admitted with half an identity', shaped, async (value) => {
    const request = aRequest({
      object: value,
      namespace: 'payments',
      name: 'x',
      kind: { group: '', version: 'v1', kind: 'Pod' },
    });
    const { patch } = await mutate(request, engine);
    const object = patched(value, patch);
    expect((await mutate({ ...request, object }, engine)).patch).toEqual([]);
    const { decision } = await admit({ ...request, object }, engine);
    // A field of the wrong type is denied; everything else that was patched is right.
    if (patch.length > 0) expect(decision.message).toMatch(/^$|: must be .*, found /);
  });

  it.each([
    '{"metadata": {"__proto__": {"annotations": {}}}, "spec": {"containers": [{"name": "a"}]}}',
    '{"metadata": {"annotations": {"__proto__": "x", "constructor": "y"}}, "spec": {"containers": [{"name": "a"}]}}',
    '{"metadata": {}, "spec": {"containers": [{"name": "a", "env": [{"name": "__proto__", "value": "x"}]}]}}',
  ])('prototype keys change nothing: %s', async (json) => {
    const value: unknown = JSON.parse(json);
    const object = isRecord(value) ? value : {};
    const request = aRequest({
      object,
      namespace: 'payments',
      name: 'x',
      kind: { group: '', version: 'v1', kind: 'Pod' },
    });
    const { patch } = await mutate(request, engine);
    expect(patch.length).toBeGreaterThan(0);
    // jsonpatch takes an own "__proto__" for the prototype; the API server's library does not.
    const { newDocument } = applyPatch(structuredClone(object), structuredClone([...patch]));
    const { decision } = await admit({ ...request, object: recordOf(newDocument) }, engine);
    expect(decision.message).toBe('');
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

function containersIn(pod: JsonRecord): JsonRecord[] {
  const spec = recordAt(pod, 'spec');
  return [...listOf(spec['initContainers']), ...listOf(spec['containers'])].map(recordOf);
}

/** What the API server would refuse of the parts we add to; a schema of core/v1 is not at hand. */
function structureProblems(pod: JsonRecord): string[] {
  const spec = recordAt(pod, 'spec');
  const volumes = listOf(spec['volumes']).map((one) => textOf(recordOf(one)['name']));
  const notes = Object.values(recordAt(pod, 'metadata', 'annotations'));
  return [
    ...repeated(volumes).map((name) => `volume ${name} twice`),
    ...volumes.flatMap((name) => (name === undefined ? ['volume without a name'] : [])),
    ...notes.flatMap((value) => (typeof value === 'string' ? [] : ['annotation is no text'])),
    ...containersIn(pod).flatMap((container) => [
      ...repeated(
        listOf(container['volumeMounts']).map((one) => textOf(recordOf(one)['mountPath'])),
      ).map((path) => `mountPath ${path} twice`),
      ...listOf(container['volumeMounts']).flatMap((one) =>
        textOf(recordOf(one)['name']) === ours && !volumes.includes(ours)
          ? ['mount without a volume']
          : [],
      ),
      ...listOf(container['env']).flatMap((one) => {
        const { name, value, valueFrom } = recordOf(one);
        if (typeof name !== 'string' || name === '') return ['variable without a name'];
        return value !== undefined && valueFrom !== undefined ? [`${name} has two values`] : [];
      }),
    ]),
  ];
}

function repeated(values: readonly (string | undefined)[]): string[] {
  return values
    .filter((value, index) => value !== undefined && values.indexOf(value) !== index)
    .map(String);
}
