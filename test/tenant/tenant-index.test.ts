import { describe, expect, it } from 'vitest';
import { parseHost } from '../../src/host/host.ts';
import { grantedHostTexts, isGrantedHost } from '../../src/tenant/ask-host.ts';
import { TenantIndex } from '../../src/tenant/tenant-index.ts';
import { grantText } from '../../src/tenant/bucket-grant.ts';
import { contestedTenant } from '../../src/tenant/tenant.ts';
import { claim } from '../host/arbitraries.ts';
import { pattern } from '../bucket/arbitraries.ts';
import { aBareTenant, tenantIn } from './surroundings.ts';

const payments = aBareTenant('payments', {
  namespaces: ['payments', 'payments-batch'],
  buckets: [{ name: 'payments-ledger' }, { name: 'payments-tmp-*' }],
  ingress: { hosts: ['pay.example.com', '*.pay.example.com'] },
  egress: { hosts: ['*.example.com', 'api.stripe.com', '*.partners.example.net'] },
});
const analytics = aBareTenant('analytics', {
  buckets: [{ name: 'analytics-raw' }],
  ingress: { hosts: ['reports.example.com'] },
});
const index = new TenantIndex([payments, analytics]);

describe('whose a namespace is', () => {
  it.each([
    ['payments', 'payments'],
    ['payments-batch', 'payments'],
    ['analytics', 'analytics'],
  ])('%s: %s', (namespace, tenant) => {
    expect(index.tenantOf(namespace)?.name).toBe(tenant);
    expect(index.claimsOnNamespace(namespace)).toEqual([tenant]);
  });

  it.each([
    'default',
    'Payments',
    'PAYMENTS',
    'payments ',
    ' payments',
    'payments.',
    'раyments',
    'ｐayments',
    'payments\n',
    'payment',
    'payments-',
    '',
    '__proto__',
    'constructor',
    'a'.repeat(10_000),
  ])('nobody owns %j, whatever it looks like', (namespace) => {
    expect(index.tenantOf(namespace)).toBeUndefined();
    expect(index.claimsOnNamespace(namespace)).toEqual([]);
  });

  it('belongs to neither of two that claim it, and is not free either', () => {
    const contested = new TenantIndex([
      payments,
      aBareTenant('rival', { namespaces: ['payments'] }),
    ]);
    const tenant = contested.tenantOf('payments');
    expect(tenant).toBe(contestedTenant);
    expect(tenant?.grants).toEqual([]);
    expect(
      tenant &&
        isGrantedHost(contested, tenant, { host: claim('api.stripe.com'), grants: 'either' }),
    ).toBe(false);
    expect(contested.claimsOnNamespace('payments')).toEqual(['payments', 'rival']);
    expect(contested.tenantOf('payments-batch')?.name).toBe('payments');
  });
});

describe('who claims a bucket', () => {
  it.each([
    ['payments-ledger', ['payments']],
    ['payments-tmp-x', ['payments']],
    ['payments-*', ['payments']],
    ['payments-tmp-x-*', ['payments']],
    ['payments-ledger2', []],
    ['analytics-raw', ['analytics']],
  ])('%s: %j', (text, expected) => {
    expect(index.claimsOnBuckets(pattern(text))).toEqual(expected);
  });

  it('knows managed buckets from others', () => {
    expect(index.isManagedBucket('payments-tmp-x')).toBe(true);
    expect(index.isManagedBucket('payments-tmp-')).toBe(false);
    expect(index.isManagedBucket('Payments-Ledger')).toBe(false);
  });

  it('calls a bucket contested that two tenants claim, not one with two entries of one tenant', () => {
    const twice = aBareTenant('twice', { buckets: [{ name: 'twice-*' }, { name: 'twice-a' }] });
    const contested = new TenantIndex([
      twice,
      payments,
      aBareTenant('rival', { buckets: [{ name: 'payments-tmp-x' }] }),
    ]);
    expect(contested.isContestedBucket('twice-a')).toBe(false);
    expect(contested.isContestedBucket('payments-tmp-x')).toBe(true);
    expect(contested.isContestedBucket('payments-tmp-y')).toBe(false);
  });
});

describe('who claims a public host', () => {
  it.each([
    ['pay.example.com', ['payments']],
    ['a.pay.example.com', ['payments']],
    ['*.example.com', ['payments', 'analytics']],
    ['*.com', ['payments', 'analytics']],
    ['*ts.example.com', ['analytics']],
    ['*', ['payments', 'analytics']],
    ['repay.example.com', []],
    ['pay.example.com.evil', []],
  ])('%s: %j', (text, expected) => {
    expect([...index.claimsOnIngress(claim(text))].sort()).toEqual(expected.toSorted());
  });

  it('is foreign to everybody but its owner', () => {
    const host = claim('reports.example.com');
    expect(index.isForeignIngress(host, 'analytics')).toBe(false);
    expect(index.isForeignIngress(host, 'payments')).toBe(true);
    expect(index.isForeignIngress(host, undefined)).toBe(true);
  });

  it('is foreign to both of two that claim it', () => {
    const rival = aBareTenant('rival', { ingress: { hosts: ['pay.example.com'] } });
    const contested = new TenantIndex([payments, rival]);
    for (const [name, tenant] of contested.tenants) {
      expect(contested.isForeignIngress(claim('pay.example.com'), name)).toBe(true);
      expect(
        isGrantedHost(contested, tenant, { host: claim('pay.example.com'), grants: 'either' }),
      ).toBe(false);
    }
  });
});

describe('what a tenant may name', () => {
  const tenant = tenantIn(index, 'payments');

  it.each([
    'api.stripe.com',
    'API.Stripe.COM.',
    '*.partners.example.net',
    'a.partners.example.net',
    'a.b.partners.example.net',
    '*.eu.partners.example.net',
    'pay.example.com',
    'a.pay.example.com',
    '*.pay.example.com',
    'other.example.com',
  ])('%s', (text) => {
    expect(isGrantedHost(index, tenant, { host: parseHost(text), grants: 'either' })).toBe(true);
  });

  it.each([
    ["another tenant's public host inside a granted wildcard", 'reports.example.com'],
    ['the same in another spelling', 'Reports.Example.com.'],
    ['a granted wildcard that covers it', '*.example.com'],
    ['a wildcard wider than the grant', '*.example.net'],
    ['the parent of a granted wildcard', 'partners.example.net'],
    ['a name that only ends alike', 'evilpartners.example.net'],
    ['a name that only starts alike', 'a.partners.example.net.evil'],
    ['a partial wildcard', '*rtners.example.net'],
    ['a partial wildcard inside a granted one', '*x.partners.example.net'],
    ['everything', '*'],
    ['everything with a dot', '*.'],
    ['a top-level domain', '*.net'],
    ['part of a top-level domain', '*et'],
    ['a whole top-level domain without a dot', '*com'],
    ['the end of every name of the cluster', '*local'],
    ['every Service', '*.svc.cluster.local'],
    ['the store by its short form', 'minio.storage'],
    ['the store by its longer form', 'minio.storage.svc'],
    ['a public suffix', '*.co.uk'],
    ['an address', '203.0.113.4'],
    ['an address with a dot', '203.0.113.4.'],
    ['an address as a number', '0xcb007104'],
    ['no host', 'api.stripe.com:443'],
    ['an IDN that looks alike', 'api.strіpe.com'],
  ])('but not %s: %s', (_what, text) => {
    expect(isGrantedHost(index, tenant, { host: parseHost(text), grants: 'either' })).toBe(false);
  });

  it('a wildcard that no grant can hold is not granted, even where one slipped in', () => {
    const careless = new TenantIndex([aBareTenant('careless', { egress: { hosts: ['*.co.uk'] } })]);
    const { egressHosts } = tenantIn(careless, 'careless');
    expect(egressHosts.has(claim('*.co.uk'))).toBe(true);
    expect(
      isGrantedHost(careless, tenantIn(careless, 'careless'), {
        host: claim('*.co.uk'),
        grants: 'either',
      }),
    ).toBe(false);
  });

  it('judges every host on its own: a bad one among good ones is still bad', () => {
    const hosts = ['api.stripe.com', '*.co.uk', 'a.pay.example.com', 'reports.example.com'];
    expect(
      hosts.map((text) =>
        isGrantedHost(index, tenant, { host: parseHost(text), grants: 'either' }),
      ),
    ).toEqual([true, false, true, false]);
  });

  it('lists what it may name, sorted and once each', () => {
    const twice = aBareTenant('twice', {
      egress: { hosts: ['b.example.com', 'a.example.com'] },
      ingress: { hosts: ['b.example.com'] },
    });
    const compiled = tenantIn(new TenantIndex([twice]), 'twice');
    const both = ['a.example.com', 'b.example.com'];
    expect(grantedHostTexts(compiled, 'either')).toEqual(both);
    expect(grantedHostTexts(compiled, 'egress')).toEqual(both);
    expect(grantedHostTexts(compiled, 'ingress')).toEqual(['b.example.com']);
  });

  it('keeps apart what it may reach and where it is reached', () => {
    const { egressHosts, egressHostTexts, ingressHosts, ingressHostTexts } = tenant;
    expect(egressHostTexts).toEqual(['*.example.com', '*.partners.example.net', 'api.stripe.com']);
    expect(ingressHostTexts).toEqual(['*.pay.example.com', 'pay.example.com']);
    expect(egressHosts.has(claim('api.stripe.com'))).toBe(true);
    expect(ingressHosts.has(claim('api.stripe.com'))).toBe(false);
    expect(egressHosts.has(claim('other.example.com'))).toBe(true);
    expect(ingressHosts.has(claim('a.pay.example.com'))).toBe(true);
    expect(ingressHosts.has(claim('other.example.com'))).toBe(false);
  });
});

describe('a compiled tenant', () => {
  it('lists its grants by name, own and shared ones, whatever the order of the declarations', () => {
    const owner = aBareTenant('owner', {
      buckets: [
        { name: 'owner-b', prefixes: ['x/', 'y/'], sharedWith: [{ tenant: 'reader' }] },
        { name: 'owner-a-*', sharedWith: [{ tenant: 'reader', access: 'ReadWrite' }] },
      ],
    });
    const reader = aBareTenant('reader', { buckets: [{ name: 'reader-z', access: 'WriteOnly' }] });
    for (const declarations of [
      [owner, reader],
      [reader, owner],
    ]) {
      const { grants } = tenantIn(new TenantIndex(declarations), 'reader');
      expect(grants.map(grantText)).toEqual([
        'owner-a-* ReadWrite',
        'owner-b ReadOnly below x/, y/',
        'reader-z WriteOnly',
      ]);
    }
  });

  it('has a generation that changes with its spec alone', () => {
    const generationOf = (spec = {}): string =>
      tenantIn(new TenantIndex([aBareTenant('payments', spec), analytics]), 'payments').generation;
    expect(generationOf()).toMatch(/^[0-9a-f]{16}$/);
    expect(generationOf()).toBe(generationOf());
    expect(generationOf({ identity: 'Never' })).not.toBe(generationOf());
  });
});
