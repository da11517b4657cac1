import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseClusterName, serviceAliases, shortFormOf } from '../../src/host/cluster-name.ts';
import { parseHost } from '../../src/host/host.ts';

const dnsLabel = fc
  .stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/)
  .filter((label) => label !== 'svc');
const clusterDomain = fc.constantFrom('cluster.local', 'k8s.example.com', 'internal');

describe('parseClusterName', () => {
  it.each([
    ['minio.storage.svc.cluster.local', 'minio', 'storage'],
    ['minio.storage.svc', 'minio', 'storage'],
    ['minio-0.minio.storage.svc.cluster.local', 'minio', 'storage'],
    ['svc.cluster.local', '', ''],
    ['storage.svc.cluster.local', '', 'storage'],
    ['storage.svc', '', 'storage'],
    ['svc', '', ''],
    ['cluster.local', '', ''],
    ['kubernetes.cluster.local', '', ''],
    ['10-0-0-1.storage.pod.cluster.local', '', ''],
  ])('%s is service "%s" of namespace "%s"', (name, service, namespace) => {
    expect(parseClusterName(name, 'cluster.local')).toEqual({ service, namespace });
  });

  it.each([
    'minio',
    'minio.storage',
    'minio.storage.svc.example.com',
    'minio.storage.svc.k8s.example.com',
    'evilcluster.local',
    'minio.storage.svc.cluster.local.example.com',
    'minio.storage.svcs',
  ])('%s is no name of the cluster', (name) => {
    expect(parseClusterName(name, 'cluster.local')).toBeUndefined();
  });

  it('goes by the domain of the cluster', () => {
    const name = 'minio.storage.svc.k8s.example.com';
    expect(parseClusterName(name, 'k8s.example.com')).toEqual({
      service: 'minio',
      namespace: 'storage',
    });
    expect(parseClusterName('minio.storage.svc.cluster.local', 'k8s.example.com')).toBeUndefined();
  });
});

describe('shortFormOf', () => {
  const isNamespace = (label: string): boolean => ['storage', 'analytics', 'io'].includes(label);

  it.each([
    ['minio-hl.storage', 'minio-hl', 'storage'],
    ['minio-0.minio-hl.storage', 'minio-hl', 'storage'],
    ['a.b.minio-hl.storage', 'minio-hl', 'storage'],
    ['web.analytics', 'web', 'analytics'],
    ['example.io', 'example', 'io'],
  ])('%s is Service "%s" of namespace "%s"', (name, service, namespace) => {
    expect(shortFormOf(name, isNamespace)).toEqual({ service, namespace });
  });

  it.each(['storage', 'io', 'example.com', 'minio.storage.svc', 'storage.example.com'])(
    '%s is not the short form of a Service',
    (name) => {
      expect(shortFormOf(name, isNamespace)).toBeUndefined();
    },
  );

  it('reads the shortest alias of every Service of a known namespace', () => {
    fc.assert(
      fc.property(dnsLabel, dnsLabel, clusterDomain, (service, namespace, domain) => {
        const [short = ''] = serviceAliases({ service, namespace }, domain);
        const expected = { service, namespace };
        expect(shortFormOf(short, (label) => label === namespace)).toEqual(expected);
        expect(shortFormOf(`pod-0.${short}`, (label) => label === namespace)).toEqual(expected);
      }),
    );
  });
});

describe('serviceAliases', () => {
  it('lists every form that the search path of another namespace completes', () => {
    const service = { service: 'minio', namespace: 'storage' };
    expect(serviceAliases(service, 'k8s.example.com')).toEqual([
      'minio.storage',
      'minio.storage.svc',
      'minio.storage.svc.k8s.example.com',
    ]);
  });

  it('comes back to the same Service from each of its qualified forms', () => {
    fc.assert(
      fc.property(dnsLabel, dnsLabel, clusterDomain, (service, namespace, domain) => {
        const [short = '', ...qualified] = serviceAliases({ service, namespace }, domain);
        for (const alias of qualified) {
          expect(parseHost(alias)).toEqual({ kind: 'name', name: alias });
          expect(parseClusterName(alias, domain)).toEqual({ service, namespace });
          expect(parseClusterName(`pod-0.${alias}`, domain)).toEqual({ service, namespace });
        }
        expect(short).toBe(`${service}.${namespace}`);
      }),
    );
  });
});
