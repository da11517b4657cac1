import { describe, expect, it } from 'vitest';
import { decodeTenant, loadTenants } from '../../src/declaration/load.ts';
import { InvalidFileError } from '../../src/errors.ts';
import { tenantProblems, tenantText } from './texts.ts';

const lowerCaseLabel =
  'must be lower-case letters, digits and "-", starting and ending with a letter or digit';

/** The one problem of a spec written on line 5, without the position. */
function problemOf(spec: string): string {
  const found = tenantProblems(tenantText(`  ${spec}\n`));
  expect(found).toHaveLength(1);
  return found[0]?.replace(/^\d+:\d+: /, '') ?? '';
}

describe('a good file', () => {
  it('comes with every default filled in', () => {
    const [tenant] = loadTenants(
      'f',
      tenantText(`
  namespaces: [payments]
  buckets:
    - {name: payments-ledger, sharedWith: [{tenant: analytics}]}
    - {name: payments-tmp-*, access: ReadOnly}
`),
    );
    expect(tenant?.declaration).toEqual({
      apiVersion: 'bucketwarden.io/v1alpha1',
      kind: 'StorageTenant',
      metadata: { name: 'payments' },
      spec: {
        namespaces: ['payments'],
        identity: 'Always',
        buckets: [
          {
            name: 'payments-ledger',
            access: 'ReadWrite',
            sharedWith: [{ tenant: 'analytics', access: 'ReadOnly' }],
          },
          { name: 'payments-tmp-*', access: 'ReadOnly' },
        ],
      },
    });
  });

  it('may use every field', () => {
    const text = tenantText(`
  namespaces: [payments, payments-batch]
  identity: OnRequest
  buckets:
    - name: payments-ledger
      access: ReadWrite
      prefixes: ["invoices/"]
      serviceAccounts: [ledger-writer, sub.domain.name]
      sharedWith: [{tenant: analytics, access: WriteOnly}]
  egress: {hosts: [api.stripe.com, "*.payments.example.com"], cidrs: [203.0.113.0/28, "fd00::1"]}
  ingress: {hosts: [pay.example.com]}
  externalBuckets: ["acme-gcs-*"]
  issuers: [{issuer: "https://idp.example.com", jwksUri: "https://idp.example.com/keys", audiences: [payments]}]
  env: [{name: PAYMENTS_REGION, value: ""}]
  actions: [Warn, Audit]
  ruleActions: {mesh-opt-out: [Deny]}
  exemptions:
    - {rule: a-rule, namespace: payments, serviceAccount: legacy, reason: PAY-91, expires: "2027-01-31"}
    - {rule: a-rule, namespace: payments-batch, kind: ServiceEntry, name: bank, reason: PAY-12, expires: "2027-01-31"}
`);
    expect(tenantProblems(text)).toEqual([]);
  });

  it('may hold several tenants, as documents, lists or JSON', () => {
    const json = (name: string): string =>
      JSON.stringify({
        apiVersion: 'bucketwarden.io/v1alpha1',
        kind: 'StorageTenant',
        metadata: { name },
        spec: { namespaces: [name] },
      });
    const text = `${json('a')}\n---\nkind: List\nitems:\n- ${json('b')}\n- ${json('c')}\n---\n`;
    expect(loadTenants('f', text).map(({ declaration }) => declaration.metadata.name)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('may be empty', () => {
    for (const text of ['', '\n', '# none yet\n', '---\n'])
      expect(loadTenants('f', text)).toEqual([]);
  });

  it('may use anchors and merged keys', () => {
    const text = tenantText(`  namespaces: [payments]
  buckets:
    - &files {name: payments-files, access: ReadOnly}
    - {<<: *files, name: payments-logs}
`);
    const [tenant] = loadTenants('f', text);
    expect(tenant?.declaration.spec.buckets).toEqual([
      { name: 'payments-files', access: 'ReadOnly' },
      { name: 'payments-logs', access: 'ReadOnly' },
    ]);
  });
});

describe('positions', () => {
  it('of every problem at once, in the order of the file, with line, column and path', () => {
    const text = `apiVersion: bucketwarden.io/v1alpha1
kind: StorageTenant
metadata:
  labels: {}
spec:
  egress:
    ports: [443]
    cidrs: [10.0.0.0/8, ten]
  buckets:
    - size: 10
      access: ReadWrite
    - name: "team*"
  identity: Sometimes
`;
    const expected = [
      '3:1: metadata: "name" is missing',
      '5:1: spec: "namespaces" is missing',
      '7:12: spec.egress.ports: unknown field; known here: cidrs, hosts',
      '8:25: spec.egress.cidrs[1]: "ten" must be an IP address or a range such as "203.0.113.0/28"',
      '10:7: spec.buckets[0]: "name" is missing',
      '10:13: spec.buckets[0].size: unknown field; known here: access, name, prefixes, serviceAccounts, sharedWith',
      `12:13: spec.buckets[1].name: "team*" must be a bucket name, or a prefix ending in "-" or "." and one star ("team-a-*")`,
      '13:13: spec.identity: "Sometimes" must be one of "Always", "OnRequest", "Never"',
    ];
    expect(tenantProblems(text)).toEqual(expected);
    expect(tenantProblems(text.replaceAll('\n', '\r\n'))).toEqual(expected);
    expect(tenantProblems(`# moved\n${text}`)).toEqual(
      expected.map((line) => line.replace(/^\d+/, (number) => String(Number(number) + 1))),
    );
  });

  it('of problems in JSON', () => {
    const text = `{
\t"apiVersion": "bucketwarden.io/v1alpha1", "kind": "StorageTenant",
\t"metadata": {"name": "payments"},
\t"spec": {"namespaces": ["Payments"]}
}`;
    expect(tenantProblems(text)).toEqual([
      `4:26: spec.namespaces[0]: "Payments" ${lowerCaseLabel}`,
    ]);
  });

  it('of problems in a list', () => {
    const text = `kind: List
items:
  - apiVersion: bucketwarden.io/v1alpha1
    kind: StorageTenant
    metadata: {name: a}
    spec: {namespaces: []}
`;
    expect(tenantProblems(text)).toEqual(['6:24: spec.namespaces: [] must have at least 1 entry']);
  });
});

describe('all or nothing', () => {
  const good = tenantText('  namespaces: [payments]\n');

  it('one bad document and none is used', () => {
    expect(() => loadTenants('f', `${good}---\n${tenantText('  namespaces: []\n')}`)).toThrow(
      InvalidFileError,
    );
  });

  it('what cannot be read and what is wrong is told together', () => {
    const text = `${good}---\na: 1\na: 2\n---\nkind: Pod\napiVersion: v1\n---\n${tenantText('  x: 1\n')}`;
    expect(tenantProblems(text)).toEqual([
      '8:1: Map keys must be unique',
      '10:1: must be a StorageTenant of bucketwarden.io/v1alpha1, found Pod of v1',
      '16:1: spec: "namespaces" is missing',
      expect.stringMatching(
        /^17:6: spec\.x: unknown field; known here: actions, buckets, egress, /,
      ),
    ]);
  });

  it.each([
    [
      'another version',
      'apiVersion: bucketwarden.io/v1\nkind: StorageTenant',
      'StorageTenant of bucketwarden.io/v1',
    ],
    [
      'another kind',
      'apiVersion: bucketwarden.io/v1alpha1\nkind: Tenant',
      'Tenant of bucketwarden.io/v1alpha1',
    ],
    [
      'another case',
      'apiVersion: bucketwarden.io/v1alpha1\nkind: storagetenant',
      'storagetenant of bucketwarden.io/v1alpha1',
    ],
    ['neither', 'spec: {}', 'nothing of nothing'],
    ['a text', 'hello', 'no object'],
    ['a list', '[1]', 'no object'],
    ['a number for a kind', 'apiVersion: 1\nkind: 2', 'nothing of nothing'],
  ])('%s is no StorageTenant', (_what, text, found) => {
    expect(tenantProblems(text)).toEqual([
      `1:1: must be a StorageTenant of bucketwarden.io/v1alpha1, found ${found}`,
    ]);
  });

  it('a value from the wire is judged alike, and never half-decoded', () => {
    expect(decodeTenant(undefined).declaration).toBeUndefined();
    const { declaration, problems } = decodeTenant({
      apiVersion: 'bucketwarden.io/v1alpha1',
      kind: 'StorageTenant',
      metadata: { name: 'payments', uid: '1', managedFields: [], generation: 4 },
      spec: { namespaces: ['payments', 7] },
      status: { conditions: [] },
    });
    expect(declaration).toBeUndefined();
    expect(problems).toEqual([{ path: ['spec', 'namespaces', 1], message: '7 must be a string' }]);
  });
});

describe('names that only look alike', () => {
  it.each([
    ['upper case', 'Payments'],
    ['a blank', 'pay ments'],
    ['a blank behind', 'payments '],
    ['a line break', 'payments\\n'],
    ['a dot', 'payments.eu'],
    ['an underscore', 'pay_ments'],
    ['a Cyrillic letter', 'раyments'],
    ['full-width letters', 'ｐayments'],
    ['a hyphen at the end', 'payments-'],
    ['a star', 'pay*'],
  ])('are refused, not normalised: %s', (_what, name) => {
    expect(problemOf(`namespaces: ["${name}"]`)).toBe(
      `spec.namespaces[0]: "${name}" ${lowerCaseLabel}`,
    );
    const text = tenantText('  namespaces: [payments]\n').replace(
      '{name: payments}',
      `{name: "${name}"}`,
    );
    expect(tenantProblems(text)).toEqual([`3:18: metadata.name: "${name}" ${lowerCaseLabel}`]);
  });

  it('are refused when they are empty or too long', () => {
    expect(tenantProblems(tenantText('  namespaces: [""]\n'))).toEqual([
      '5:16: spec.namespaces[0]: "" must have at least 1 character',
      `5:16: spec.namespaces[0]: "" ${lowerCaseLabel}`,
    ]);
    const long = 'a'.repeat(100);
    expect(tenantProblems(tenantText(`  namespaces: [${long}]\n`))).toEqual([
      `5:16: spec.namespaces[0]: "${long.slice(0, 79)}… must have at most 63 characters`,
      `5:16: spec.namespaces[0]: "${long.slice(0, 79)}… ${lowerCaseLabel}`,
    ]);
  });
});
