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
    ['10.0.0.1', 'is an IP address; grant it in egress.cidrs'],
    ['2130706433', 'is an IP address; grant it in egress.cidrs'],
    ['0x7f000001', 'is an IP address; grant it in egress.cidrs'],
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

describe('the short form of a Service cannot be granted', () => {
  const inNamespace = (service: string, namespace: string): string =>
    `is the short form of Service "${service}" in namespace "${namespace}"; Services are reached without a grant`;

  it.each([
    ['the store', 'minio-hl.storage', inNamespace('minio-hl', 'storage')],
    ['a pod of the store', 'minio-0.minio-hl.storage', inNamespace('minio-hl', 'storage')],
    ['all pods of the store', '*.minio-hl.storage', inNamespace('minio-hl', 'storage')],
    ['the mesh', 'istiod.istio-system', inNamespace('istiod', 'istio-system')],
    ['an exempt namespace', 'kube-dns.kube-system', inNamespace('kube-dns', 'kube-system')],
    ['an infrastructure namespace', 'resolver.network', inNamespace('resolver', 'network')],
    ['another tenant', 'web.analytics', inNamespace('web', 'analytics')],
    ['the tenant itself', 'ledger.payments', inNamespace('ledger', 'payments')],
    ['a namespace of the cluster', 'shop.africa', inNamespace('shop', 'africa')],
    ['a pod of it', 'shop-0.shop.africa', inNamespace('shop', 'africa')],
  ])('%s: %s', (_what, host, message) => {
    const given = {
      others,
      config: { infrastructureNamespaces: ['network'] },
      namespaces: ['africa'],
    };
    for (const field of ['egress', 'ingress']) {
      expect(problemsOf({ [field]: { hosts: [host] } }, given)).toEqual([
        `spec.${field}.hosts[0]: "${host}" ${message}`,
      ]);
    }
  });

  it.each(['shop.africa', 'web.analytics', 'minio-hl.storage.example.com'])(
    'but %s can where no such namespace is known',
    (host) => {
      expect(problemsOf({ egress: { hosts: [host] } })).toEqual([]);
    },
  );

  it('so a namespace cannot be claimed whose name ends a host that another tenant was granted', () => {
    const granted = aBareTenant('granted', {
      egress: { hosts: ['api.stripe.com', '*.partners.com'] },
      ingress: { hosts: ['shop.example.com'] },
    });
    expect(problemsOf({ namespaces: ['payments', 'com'] }, { others: [granted] })).toEqual([
      'spec.namespaces[1]: "com" ends "api.stripe.com", a host of tenant "granted", which would ' +
        'become the short form of a Service',
    ]);
    expect(problemsOf({ namespaces: ['payments', 'stripe'] }, { others: [granted] })).toEqual([]);
  });
});

describe('a range cannot be granted', () => {
  it.each([
    ['999.1.1.1/8', 'is not an IP address or range'],
    ['203.0.113.0/33', 'is not an IP address or range'],
    ['10/8', 'is not in normal form; write "0.0.0.0/8"'],
    ['203.0.113.7/28', 'is not in normal form; write "203.0.113.0/28"'],
    ['::ffff:203.0.113.0/124', 'is not in normal form; write "203.0.113.0/28"'],
    ['FD00::/8', 'is not in normal form; write "fd00::/8"'],
    ['0.0.0.0/0', 'is too wide; an IPv4 range has a prefix of at least 8 bits'],
    ['0.0.0.0/1', 'is too wide; an IPv4 range has a prefix of at least 8 bits'],
    ['128.0.0.0/7', 'is too wide; an IPv4 range has a prefix of at least 8 bits'],
    ['::/0', 'is too wide; an IPv6 range has a prefix of at least 16 bits'],
    ['8000::/1', 'is too wide; an IPv6 range has a prefix of at least 16 bits'],
    ['2600::/15', 'is too wide; an IPv6 range has a prefix of at least 16 bits'],
    ['127.0.0.1', 'includes loopback addresses (127.0.0.0/8), which cannot be granted'],
    ['127.8.0.0/16', 'includes loopback addresses (127.0.0.0/8), which cannot be granted'],
    ['::1', 'includes loopback addresses (::1), which cannot be granted'],
    ['0.0.0.0', 'includes unspecified addresses (0.0.0.0/8), which cannot be granted'],
    ['0.0.0.0/8', 'includes unspecified addresses (0.0.0.0/8), which cannot be granted'],
    ['::/128', 'includes unspecified addresses (::), which cannot be granted'],
    ['169.254.169.254', 'includes link-local addresses (169.254.0.0/16), which cannot be granted'],
    ['169.0.0.0/8', 'includes link-local addresses (169.254.0.0/16), which cannot be granted'],
    ['fe80::/64', 'includes link-local addresses (fe80::/10), which cannot be granted'],
    ['224.0.0.0/8', 'includes multicast addresses (224.0.0.0/4), which cannot be granted'],
    ['239.1.2.3', 'includes multicast addresses (224.0.0.0/4), which cannot be granted'],
    ['ff02::1', 'includes multicast addresses (ff00::/8), which cannot be granted'],
    ['255.255.255.255', 'includes reserved addresses (240.0.0.0/4), which cannot be granted'],
    ['64:ff9b::/96', 'includes translated IPv4 addresses (64:ff9b::/96), which cannot be granted'],
    ['2002:7f00::/24', 'includes translated IPv4 addresses (2002::/16), which cannot be granted'],
    ['172.16.0.10', 'overlaps the protected range "172.16.0.0/12"'],
    ['10.1.2.3', 'overlaps the protected range "10.1.2.3"'],
    ['10.0.0.0/8', 'overlaps the protected range "10.1.2.3"'],
  ])('%s: it %s', (range, message) => {
    const config = {
      storage: { endpoints: ['http://10.1.2.3:9000'] },
      protected: { cidrs: ['172.16.0.0/12'] },
    };
    expect(problemsOf({ egress: { cidrs: [range] } }, { config })).toEqual([
      `spec.egress.cidrs[0]: "${range}" ${message}`,
    ]);
  });
});

describe('a range can be granted', () => {
  it.each([
    'a private network: 10.0.0.0/8',
    'a provider: 2600::/16',
    'a site: fd00:1::/48',
    'one address: 203.0.113.77',
    'one IPv6 address: 2001:db8::7',
  ])('%s', (text) => {
    const [, range = ''] = text.split(': ');
    expect(problemsOf({ egress: { cidrs: [range] } })).toEqual([]);
  });
});
