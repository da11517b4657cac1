import { describe, expect, it } from 'vitest';
import { aTenant } from '../builders.ts';
import { aBareTenant, problemsOf } from './surroundings.ts';

const analytics = aTenant({
  name: 'analytics',
  namespaces: ['analytics', 'reports'],
  buckets: [{ name: 'analytics-raw' }, { name: 'analytics-tmp-*' }],
  ingress: { hosts: ['reports.example.com', '*.apps.example.com'] },
});
const others = [analytics];

describe('a tenant without problems', () => {
  it('owns namespaces, buckets and hosts that nobody else claims', () => {
    const problems = problemsOf(
      {
        namespaces: ['payments', 'payments-batch'],
        buckets: [
          { name: 'payments-ledger', sharedWith: [{ tenant: 'analytics' }] },
          { name: 'payments-tmp-*', serviceAccounts: ['batch'] },
        ],
        egress: {
          hosts: ['api.stripe.com', '*.payments.example.com'],
          cidrs: ['203.0.113.0/28', '203.0.113.77', 'fd00:1::/64'],
        },
        ingress: { hosts: ['pay.example.com'] },
        externalBuckets: ['acme-gcs-*'],
        ruleActions: { 'export-scope': ['Warn'] },
        exemptions: [
          {
            rule: 'service-entry-endpoint',
            namespace: 'payments',
            kind: 'ServiceEntry',
            name: 'bank',
            reason: 'PAY-12',
            expires: '2028-02-29',
          },
        ],
      },
      { others },
    );
    expect(problems).toEqual([]);
  });

  it('may be granted a host that another tenant was granted, too', () => {
    const other = aBareTenant('other', { egress: { hosts: ['api.stripe.com'] } });
    expect(problemsOf({ egress: { hosts: ['api.stripe.com'] } }, { others: [other] })).toEqual([]);
  });

  it('may call its own public host', () => {
    const hosts = ['pay.example.com'];
    expect(problemsOf({ egress: { hosts }, ingress: { hosts } })).toEqual([]);
  });
});

describe('a namespace cannot be claimed', () => {
  it.each([
    ['kube-system', '"kube-system" is an exempt namespace, which no tenant may claim'],
    [
      'bucketwarden-system',
      '"bucketwarden-system" is an exempt namespace, which no tenant may claim',
    ],
    ['storage', '"storage" is a platform namespace, which no tenant may claim'],
    ['istio-system', '"istio-system" is a platform namespace, which no tenant may claim'],
    ['dns', '"dns" is an infrastructure namespace, which no tenant may claim'],
    ['reports', '"reports" is already claimed by tenant "analytics"'],
  ])('%s', (namespace, message) => {
    const config = { infrastructureNamespaces: ['dns'] };
    expect(problemsOf({ namespaces: ['payments', namespace] }, { others, config })).toEqual([
      `spec.namespaces[1]: ${message}`,
    ]);
  });

  it('names every other claimant', () => {
    const third = aBareTenant('third', { namespaces: ['reports'] });
    expect(problemsOf({ namespaces: ['reports'] }, { others: [analytics, third] })).toEqual([
      'spec.namespaces[0]: "reports" is already claimed by tenant "analytics"',
      'spec.namespaces[0]: "reports" is already claimed by tenant "third"',
    ]);
  });
});

describe('a bucket entry is refused', () => {
  it.each([
    ['analytics-raw', '"analytics-raw" overlaps a bucket of tenant "analytics"'],
    ['analytics-tmp-x', '"analytics-tmp-x" overlaps a bucket of tenant "analytics"'],
    ['analytics-*', '"analytics-*" overlaps a bucket of tenant "analytics"'],
    ['analytics-tmp-x-*', '"analytics-tmp-x-*" overlaps a bucket of tenant "analytics"'],
    ['minio', '"minio" is reserved by MinIO'],
    ['10.0.0.1', '"10.0.0.1" must not look like an IPv4 address'],
    ['xn--a', '"xn--a" "xn--" is reserved by AWS'],
  ])('%s', (name, message) => {
    expect(problemsOf({ buckets: [{ name }] }, { others })).toEqual([
      `spec.buckets[0].name: ${message}`,
    ]);
  });

  it('when it is shared with a tenant that does not exist', () => {
    const sharedWith = [{ tenant: 'analytics' }, { tenant: 'nobody' }];
    expect(problemsOf({ buckets: [{ name: 'payments-ledger', sharedWith }] }, { others })).toEqual([
      'spec.buckets[0].sharedWith[1].tenant: there is no tenant "nobody" to share with',
    ]);
  });
});

describe('an entry whose limits another entry voids', () => {
  const voided =
    'spec.buckets[1]: the limits of "payments-ledger" have no effect: ' +
    'spec.buckets[0] ("payments-*") grants the same without them';

  it.each([
    ['access', { access: 'ReadOnly' }],
    ['prefixes', { prefixes: ['invoices/'] }],
    ['accounts', { serviceAccounts: ['writer'] }],
    ['all of them', { access: 'WriteOnly', prefixes: ['a/'], serviceAccounts: ['writer'] }],
    [
      'accounts, although it is shared',
      { serviceAccounts: ['writer'], sharedWith: [{ tenant: 'analytics' }] },
    ],
  ])('is refused: %s', (_limit, limits) => {
    const buckets = [{ name: 'payments-*' }, { name: 'payments-ledger', ...limits }];
    expect(problemsOf({ buckets }, { others })).toEqual([voided]);
  });

  it.each([
    ['wider prefixes', { prefixes: ['in'] }, { prefixes: ['invoices/'] }],
    ['more accounts', { serviceAccounts: ['a', 'b'] }, { serviceAccounts: ['a'] }],
    ['more access', { serviceAccounts: ['a'] }, { access: 'ReadOnly', serviceAccounts: ['a'] }],
  ])('is refused where the other entry has limits of its own: %s', (_what, wide, narrow) => {
    const buckets = [
      { name: 'payments-*', ...wide },
      { name: 'payments-ledger', ...narrow },
    ];
    expect(problemsOf({ buckets })).toEqual([voided]);
  });

  it('is found in whatever order they stand', () => {
    const buckets = [{ name: 'payments-ledger', access: 'ReadOnly' }, { name: 'payments-ledger' }];
    expect(problemsOf({ buckets })).toEqual([
      'spec.buckets[0]: the limits of "payments-ledger" have no effect: ' +
        'spec.buckets[1] ("payments-ledger") grants the same without them',
    ]);
  });

  it.each([
    ['grants less access', { access: 'ReadOnly' }, { serviceAccounts: ['writer'] }],
    ['is for other accounts', { serviceAccounts: ['a'] }, { serviceAccounts: ['b'] }],
    ['has other prefixes', { prefixes: ['a/'] }, { prefixes: ['b/'] }],
    ['is for one account, the other for all', { serviceAccounts: ['a'] }, { access: 'ReadOnly' }],
    ['has prefixes, the other none', { prefixes: ['a/'] }, { access: 'ReadOnly' }],
    ['has the very same limits', { access: 'ReadOnly' }, { access: 'ReadOnly' }],
  ])('is none when the other %s', (_what, first, second) => {
    const buckets = [
      { name: 'payments-*', ...first },
      { name: 'payments-ledger', ...second },
    ];
    expect(problemsOf({ buckets })).toEqual([]);
  });

  it.each([
    ['prefixes', { prefixes: ['invoices/'] }],
    ['access', { access: 'ReadOnly' }],
  ])('is none when its %s limit what it shares', (_limit, limits) => {
    const sharedWith = [{ tenant: 'analytics', access: 'ReadWrite' }];
    const buckets = [{ name: 'payments-*' }, { name: 'payments-ledger', ...limits, sharedWith }];
    expect(problemsOf({ buckets }, { others })).toEqual([]);
  });

  it('is one again when the other entry shares the same without the limits', () => {
    const sharedWith = [{ tenant: 'analytics' }];
    const buckets = [
      { name: 'payments-*', sharedWith },
      { name: 'payments-ledger', prefixes: ['invoices/'], sharedWith },
    ];
    expect(problemsOf({ buckets }, { others })).toEqual([voided]);
  });
});

describe('an external bucket', () => {
  it.each([
    [
      'analytics-raw',
      '"analytics-raw" overlaps buckets of this store, claimed by tenant "analytics"',
    ],
    ['analytics-*', '"analytics-*" overlaps buckets of this store, claimed by tenant "analytics"'],
    [
      'payments-ledger',
      '"payments-ledger" overlaps buckets of this store, claimed by tenant "payments"',
    ],
    ['minio', '"minio" is reserved by MinIO'],
  ])('is not in this store: %s', (name, message) => {
    const buckets = [{ name: 'payments-ledger' }];
    expect(problemsOf({ buckets, externalBuckets: [name] }, { others })).toEqual([
      `spec.externalBuckets[0]: ${message}`,
    ]);
  });
});

it('an external bucket that is an own one is refused from the start', () => {
  const spec = { buckets: [{ name: 'web-a' }], externalBuckets: ['web-*'] };
  const expected = [
    'spec.externalBuckets[0]: "web-*" overlaps buckets of this store, claimed by tenant "payments"',
  ];
  expect(problemsOf(spec)).toEqual(expected);
  expect(problemsOf(spec, { isNew: true })).toEqual(expected);
});

describe('a public host that another tenant may call', () => {
  const caller = aBareTenant('caller', { egress: { hosts: ['api.stripe.com', '*.bank.example'] } });

  it.each(['api.stripe.com', '*.stripe.com', 'eu.bank.example'])('is refused: %s', (host) => {
    const ingress = { hosts: [host] };
    const expected = [
      `spec.ingress.hosts[0]: "${host}" overlaps an egress host of tenant "caller"`,
    ];
    expect(problemsOf({ ingress }, { others: [caller] })).toEqual(expected);
    expect(problemsOf({ ingress }, { others: [caller], isNew: true })).toEqual(expected);
  });
});

describe('a bucket that another tenant calls external', () => {
  const elsewhere = aBareTenant('elsewhere', { externalBuckets: ['acme-gcs-*', 'legacy'] });

  it.each(['legacy', 'acme-gcs-logs', 'acme-*', 'acme-gcs-eu-*'])('is refused: %s', (name) => {
    expect(problemsOf({ buckets: [{ name }] }, { others: [elsewhere] })).toEqual([
      `spec.buckets[0].name: "${name}" overlaps an external bucket of tenant "elsewhere"`,
    ]);
  });

  it('may be called external by several tenants', () => {
    const externalBuckets = ['acme-gcs-*'];
    expect(problemsOf({ externalBuckets }, { others: [elsewhere] })).toEqual([]);
  });
});

describe('rules and dates', () => {
  const exemption = {
    rule: 'export-scope',
    namespace: 'payments',
    serviceAccount: 'legacy',
    reason: 'PAY-91',
    expires: '2027-01-31',
  };

  it('must exist', () => {
    expect(
      problemsOf({
        ruleActions: { 'no-such-rule': ['Warn'], constructor: ['Warn'] },
        exemptions: [exemption, { ...exemption, rule: 'export-scopes' }],
      }),
    ).toEqual([
      'spec.ruleActions.no-such-rule: unknown rule "no-such-rule"; see `bucketwarden policy list`',
      'spec.ruleActions.constructor: unknown rule "constructor"; see `bucketwarden policy list`',
      'spec.exemptions[1].rule: unknown rule "export-scopes"; see `bucketwarden policy list`',
    ]);
  });

  it.each(['2027-02-29', '2027-02-31', '2027-04-31', '1900-02-29'])(
    'must be a day of the calendar, not %s',
    (expires) => {
      expect(problemsOf({ exemptions: [{ ...exemption, expires }] })).toEqual([
        `spec.exemptions[0].expires: "${expires}" is not a valid date`,
      ]);
    },
  );

  it('may be a day that has passed: the exemption has simply ended', () => {
    expect(problemsOf({ exemptions: [{ ...exemption, expires: '2020-02-29' }] })).toEqual([]);
  });
});

it('reports everything at once', () => {
  expect(
    problemsOf(
      {
        namespaces: ['payments', 'storage'],
        buckets: [{ name: 'analytics-raw', sharedWith: [{ tenant: 'nobody' }] }],
        egress: { hosts: ['*.co.uk'], cidrs: ['10/8'] },
        ingress: { hosts: ['reports.example.com'] },
        externalBuckets: ['minio'],
        ruleActions: { nope: ['Audit'] },
      },
      { others },
    ),
  ).toHaveLength(8);
});
