import { describe, expect, it } from 'vitest';
import { aBareTenant, problemsOf } from './surroundings.ts';

const analytics = aBareTenant('analytics', {
  ingress: { hosts: ['reports.example.com', '*.apps.example.com'] },
});
const others = [analytics];

describe('a host cannot be granted', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['*.com', 'covers a whole top-level domain'],
    ['*.local', 'covers a whole top-level domain'],
    ['*.co.uk', 'covers the public suffix "co.uk"'],
    ['10.0.0.1', 'is an address; grant it as egress.cidrs'],
    ['2130706433', 'is an address; grant it as egress.cidrs'],
    ['0x7f000001', 'is an address; grant it as egress.cidrs'],
    ['ledger', 'is a short name, which means another host in every namespace'],
    ['ledger.payments.svc', 'is inside the cluster; Services are reached without a grant'],
    [
      'ledger.payments.svc.cluster.local',
      'is inside the cluster; Services are reached without a grant',
    ],
    ['*.svc.cluster.local', 'is inside the cluster; Services are reached without a grant'],
    ['*.cluster.local', 'is inside the cluster; Services are reached without a grant'],
    ['minio.storage', 'covers the store\'s name "minio.storage"'],
    ['s3.example.com', 'covers the store\'s name "s3.example.com"'],
    ['*.example.com', 'covers the store\'s name "s3.example.com"'],
    ['metadata.google.internal', 'covers the protected host "metadata.google.internal"'],
    ['*.google.internal', 'covers the protected host "metadata.google.internal"'],
    ['reports.example.com', 'overlaps an ingress host of tenant "analytics"'],
    ['shop.apps.example.com', 'overlaps an ingress host of tenant "analytics"'],
    ['*.eu.apps.example.com', 'overlaps an ingress host of tenant "analytics"'],
    ['*.apps.example.com', 'overlaps an ingress host of tenant "analytics"'],
  ];
  const config = {
    storage: {
      endpoints: ['https://minio.storage.svc.cluster.local:9000', 'https://s3.example.com'],
    },
  };

  it.each(cases)('%s: it %s', (host, message) => {
    expect(problemsOf({ egress: { hosts: [host] } }, { others, config })).toEqual([
      `spec.egress.hosts[0]: "${host}" ${message}`,
    ]);
    expect(problemsOf({ ingress: { hosts: [host] } }, { others, config })).toEqual([
      `spec.ingress.hosts[0]: "${host}" ${message}`,
    ]);
  });

  it.each([
    ['*.corp.example', 'covers the cluster\'s domain "k8s.corp.example"'],
    ['k8s.corp.example', 'is inside the cluster; Services are reached without a grant'],
    [
      'ledger.payments.svc.k8s.corp.example',
      'is inside the cluster; Services are reached without a grant',
    ],
  ])('%s in a cluster of another domain: it %s', (host, message) => {
    const elsewhere = {
      mesh: { clusterDomain: 'k8s.corp.example' },
      storage: { endpoints: ['https://s3.example.net'] },
    };
    expect(problemsOf({ egress: { hosts: [host] } }, { config: elsewhere })).toEqual([
      `spec.egress.hosts[0]: "${host}" ${message}`,
    ]);
  });

  it('although every other one of the list can', () => {
    const hosts = ['api.stripe.com', '*.co.uk', 'api.example.net'];
    expect(problemsOf({ egress: { hosts } })).toEqual([
      'spec.egress.hosts[1]: "*.co.uk" covers the public suffix "co.uk"',
    ]);
  });
});

describe('a range cannot be granted', () => {
  it.each([
    ['999.1.1.1/8', 'is no IP address or range'],
    ['203.0.113.0/33', 'is no IP address or range'],
    ['10/8', 'is not in normal form; write "0.0.0.0/8"'],
    ['203.0.113.7/28', 'is not in normal form; write "203.0.113.0/28"'],
    ['::ffff:203.0.113.0/124', 'is not in normal form; write "203.0.113.0/28"'],
    ['FD00::/8', 'is not in normal form; write "fd00::/8"'],
    ['169.254.169.254', 'overlaps the protected range "169.254.0.0/16"'],
    ['0.0.0.0/0', 'overlaps the protected range "169.254.0.0/16"'],
    ['::/0', 'overlaps the protected range "169.254.0.0/16"'],
    ['fe80::/64', 'overlaps the protected range "fe80::/10"'],
    ['10.1.2.3', 'overlaps the protected range "10.1.2.3"'],
    ['10.0.0.0/8', 'overlaps the protected range "10.1.2.3"'],
  ])('%s: it %s', (range, message) => {
    const config = { storage: { endpoints: ['http://10.1.2.3:9000'] } };
    expect(problemsOf({ egress: { cidrs: [range] } }, { config })).toEqual([
      `spec.egress.cidrs[0]: "${range}" ${message}`,
    ]);
  });
});
