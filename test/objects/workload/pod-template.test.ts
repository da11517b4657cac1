import { describe, expect, it } from 'vitest';
import { formatPath } from '../../../src/admission/field-path.ts';
import type { JsonRecord } from '../../../src/admission/json.ts';
import { containersOf } from '../../../src/objects/workload/containers.ts';
import {
  annotationOf,
  findWorkload,
  serviceAccountOf,
} from '../../../src/objects/workload/pod-template.ts';

const none = new Map<string, readonly string[]>();
const podSpec = { containers: [{ name: 'app' }] };

function nested(path: string, leaf: JsonRecord): JsonRecord {
  return path.split('.').reduceRight<JsonRecord>((value, key) => ({ [key]: value }), leaf);
}

describe('findWorkload', () => {
  it.each([
    { group: '', version: 'v1', kind: 'Pod', at: 'spec', metadata: 'metadata' },
    {
      group: '',
      version: 'v1',
      kind: 'PodTemplate',
      at: 'template.spec',
      metadata: 'template.metadata',
    },
    {
      group: '',
      version: 'v1',
      kind: 'ReplicationController',
      at: 'spec.template.spec',
      metadata: 'spec.template.metadata',
    },
    {
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
      at: 'spec.template.spec',
      metadata: 'spec.template.metadata',
    },
    {
      group: 'apps',
      version: 'v1beta2',
      kind: 'StatefulSet',
      at: 'spec.template.spec',
      metadata: 'spec.template.metadata',
    },
    {
      group: 'apps',
      version: 'v1',
      kind: 'DaemonSet',
      at: 'spec.template.spec',
      metadata: 'spec.template.metadata',
    },
    {
      group: 'apps',
      version: 'v1',
      kind: 'ReplicaSet',
      at: 'spec.template.spec',
      metadata: 'spec.template.metadata',
    },
    {
      group: 'batch',
      version: 'v1',
      kind: 'Job',
      at: 'spec.template.spec',
      metadata: 'spec.template.metadata',
    },
    {
      group: 'batch',
      version: 'v1',
      kind: 'CronJob',
      at: 'spec.jobTemplate.spec.template.spec',
      metadata: 'spec.jobTemplate.spec.template.metadata',
    },
  ])('finds the pod spec of a $kind at $at', ({ at, metadata, ...kind }) => {
    const workload = findWorkload(nested(at, podSpec), kind, none);
    expect(workload?.spec).toEqual(podSpec);
    expect(formatPath(workload?.specPath ?? [])).toBe(at);
    expect(formatPath(workload?.metadataPath ?? [])).toBe(metadata);
    expect(workload?.isPod).toBe(kind.kind === 'Pod');
  });

  it('finds the pod spec of a configured kind', () => {
    const paths = new Map([['argoproj.io/v1alpha1/Rollout', ['spec', 'template', 'spec']]]);
    const kind = { group: 'argoproj.io', version: 'v1alpha1', kind: 'Rollout' };
    const workload = findWorkload(nested('spec.template.spec', podSpec), kind, paths);
    expect(workload?.spec).toEqual(podSpec);
    expect(workload?.isPod).toBe(false);
  });

  it.each([
    { group: '', version: 'v1', kind: 'Service' },
    { group: 'example.com', version: 'v1', kind: 'Pod' },
    { group: 'example.com', version: 'v1', kind: 'Deployment' },
    { group: '', version: 'v1', kind: '__proto__' },
  ])('finds no pod spec in a $kind of group "$group"', (kind) => {
    expect(findWorkload(nested('spec', podSpec), kind, none)).toBeUndefined();
  });

  it.each([undefined, null, 7, 'text', []])(
    'reads a pod whose spec is %j as an empty one',
    (spec) => {
      const kind = { group: '', version: 'v1', kind: 'Pod' };
      expect(findWorkload({ spec, metadata: spec }, kind, none)).toMatchObject({
        spec: {},
        metadata: {},
      });
    },
  );
});

describe('containersOf', () => {
  const workload = findWorkload(
    {
      spec: {
        containers: [{ name: 'app' }, null, 'junk', { name: 7 }],
        initContainers: [{ name: 'sidecar', restartPolicy: 'Always' }, { name: 'setup' }],
        ephemeralContainers: [{ name: 'debug' }],
      },
    },
    { group: '', version: 'v1', kind: 'Pod' },
    none,
  );

  it('lists init containers, native sidecars, containers and ephemeral containers with their places', () => {
    const found =
      workload && containersOf(workload).map(({ name, path }) => [name, formatPath(path)]);
    expect(found).toEqual([
      ['sidecar', 'spec.initContainers[0]'],
      ['setup', 'spec.initContainers[1]'],
      ['app', 'spec.containers[0]'],
      ['', 'spec.containers[3]'],
      ['debug', 'spec.ephemeralContainers[0]'],
    ]);
  });

  it('lists only the asked-for lists', () => {
    const found = workload && containersOf(workload, ['initContainers']).map(({ name }) => name);
    expect(found).toEqual(['sidecar', 'setup']);
  });
});

describe('serviceAccountOf', () => {
  it.each([
    [{ serviceAccountName: 'a', serviceAccount: 'b' }, 'a'],
    [{ serviceAccount: 'b' }, 'b'],
    [{ serviceAccountName: '', serviceAccount: 'b' }, 'b'],
    [{}, 'default'],
    [{ serviceAccountName: null }, 'default'],
    [{ serviceAccountName: 7 }, 'default'],
  ])('reads %j as account "%s"', (spec, account) => {
    const workload = findWorkload({ spec }, { group: '', version: 'v1', kind: 'Pod' }, none);
    expect(workload && serviceAccountOf(workload)).toBe(account);
  });
});

describe('annotationOf', () => {
  it.each([
    ['{"bucketwarden.io/buckets": "a"}', 'a'],
    ['{"bucketwarden.io/buckets": 7}', undefined],
    ['{"__proto__": {"bucketwarden.io/buckets": "a"}}', undefined],
    ['["bucketwarden.io/buckets"]', undefined],
    ['null', undefined],
  ])('reads the annotation of %s as %j', (json, value) => {
    const annotations: unknown = JSON.parse(json);
    const workload = findWorkload(
      { metadata: { annotations } },
      { group: '', version: 'v1', kind: 'Pod' },
      none,
    );
    expect(workload && annotationOf(workload, 'bucketwarden.io/buckets')).toBe(value);
  });

  it('does not find inherited names', () => {
    const workload = findWorkload(
      { metadata: { annotations: {} } },
      { group: '', version: 'v1', kind: 'Pod' },
      none,
    );
    expect(workload && annotationOf(workload, 'constructor')).toBeUndefined();
  });
});
