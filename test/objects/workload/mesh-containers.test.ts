import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../../src/admission/json.ts';
import { containersOf } from '../../../src/objects/workload/containers.ts';
import { meshContainerTest, repositoryOf } from '../../../src/objects/workload/mesh-containers.ts';
import { findWorkload } from '../../../src/objects/workload/pod-template.ts';
import { aPod } from '../../builders.ts';

const proxyImages = ['docker.io/istio/proxyv2', 'mirror.example.com:5000/istio/proxyv2'];

function meshNames(pod: JsonRecord): string[] {
  const workload = findWorkload(pod, { group: '', version: 'v1', kind: 'Pod' }, new Map());
  if (workload === undefined) throw new Error('not a pod');
  const isMesh = meshContainerTest(workload, proxyImages);
  return containersOf(workload)
    .filter((one) => isMesh(one))
    .map(({ list, name }) => `${list}/${name}`);
}

function meshed(
  status: unknown,
  { containers, initContainers = [] }: { containers: JsonRecord[]; initContainers?: JsonRecord[] },
): JsonRecord {
  const text = typeof status === 'string' ? status : JSON.stringify(status);
  return aPod({
    metadata: { annotations: { 'sidecar.istio.io/status': text } },
    spec: { containers, initContainers },
  });
}

const proxy = { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.30.3' };

describe('a mesh container', () => {
  it('is one by name, repository and the injector’s status', () => {
    const pod = meshed(
      { initContainers: ['istio-init'], containers: ['istio-proxy'] },
      {
        containers: [{ name: 'app', image: 'app' }, proxy],
        initContainers: [{ ...proxy, name: 'istio-init' }],
      },
    );
    expect(meshNames(pod)).toEqual(['initContainers/istio-init', 'containers/istio-proxy']);
  });

  it.each([
    'istio/proxyv2:1.30',
    'docker.io/istio/proxyv2',
    'docker.io/istio/proxyv2@sha256:00',
    'docker.io/istio/proxyv2:1.30-distroless@sha256:00',
    'mirror.example.com:5000/istio/proxyv2:1.30',
  ])('may have the image %s', (image) => {
    const pod = meshed({ containers: ['istio-proxy'] }, { containers: [{ ...proxy, image }] });
    expect(meshNames(pod)).toEqual(['containers/istio-proxy']);
  });

  it.each([
    'evil.example.com/istio/proxyv2:1.30',
    'docker.io/istio/proxyv2-evil',
    'docker.io/evil/istio/proxyv2',
    'mirror.example.com/istio/proxyv2',
    'proxyv2',
    '',
  ])('is not one with the image "%s"', (image) => {
    const pod = meshed({ containers: ['istio-proxy'] }, { containers: [{ ...proxy, image }] });
    expect(meshNames(pod)).toEqual([]);
  });

  it.each([
    ['names others', { containers: ['other'] }],
    ['names it in the other list', { initContainers: ['istio-proxy'], containers: null }],
    ['has no lists', {}],
    ['is a list', ['istio-proxy']],
    ['is no JSON', '{containers'],
    ['is longer than 16 KiB', { containers: ['istio-proxy'], x: 'x'.repeat(16 * 1024) }],
  ])('is not one when the status %s', (_, status) => {
    expect(meshNames(meshed(status, { containers: [proxy] }))).toEqual([]);
  });

  it('is not one without a status', () => {
    expect(meshNames(aPod({ spec: { containers: [proxy] } }))).toEqual([]);
  });

  it('is not one by status and image alone', () => {
    const app = { ...proxy, name: 'app' };
    expect(meshNames(meshed({ containers: ['app'] }, { containers: [app] }))).toEqual([]);
  });

  it('is the placeholder that the injector fills in, if it has the proxy’s name', () => {
    const containers = [
      { name: 'istio-proxy', image: 'auto' },
      { name: 'app', image: 'auto' },
      { name: 'istio-init', image: 'auto' },
    ];
    expect(meshNames(aPod({ spec: { containers } }))).toEqual(['containers/istio-proxy']);
  });

  it('is a native sidecar when the status lists it among the init containers', () => {
    const pod = meshed(
      { initContainers: ['istio-proxy'], containers: null },
      { containers: [{ name: 'app' }], initContainers: [{ ...proxy, restartPolicy: 'Always' }] },
    );
    expect(meshNames(pod)).toEqual(['initContainers/istio-proxy']);
  });
});

describe('repositoryOf', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox'],
    ['busybox:1.37', 'docker.io/library/busybox'],
    ['istio/proxyv2:1', 'docker.io/istio/proxyv2'],
    ['localhost/x:1', 'localhost/x'],
    ['host:5000/x', 'host:5000/x'],
    ['host:5000/x:1@sha256:0', 'host:5000/x'],
    ['', 'docker.io/library/'],
  ])('%s → %s', (image, repository) => {
    expect(repositoryOf(image)).toBe(repository);
  });
});
