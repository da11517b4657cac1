import { describe, expect, it } from 'vitest';
import { validateBySchema } from '../../src/declaration/validate.ts';
import { tenantProblems, tenantText } from './texts.ts';

const pattern = 'must be a bucket name, or a prefix ending in "-" or "." and one star ("team-a-*")';

/** The one problem of a spec written on line 5, without the position. */
function problemOf(spec: string): string {
  const found = tenantProblems(tenantText(`  ${spec}\n`));
  expect(found).toHaveLength(1);
  return found[0]?.replace(/^\d+:\d+: /, '') ?? '';
}

describe('types and ranges', () => {
  it.each([
    ['namespaces: payments', 'spec.namespaces: "payments" must be an array'],
    ['namespaces: [1]', 'spec.namespaces[0]: 1 must be a string'],
    ['namespaces: null', 'spec.namespaces: null must be an array'],
    ['{namespaces: [a], identity: null}', 'spec.identity: null must be a string'],
    ['{namespaces: [a], buckets: null}', 'spec.buckets: null must be an array'],
    ['{namespaces: [a], buckets: [x]}', 'spec.buckets[0]: "x" must be an object'],
    ['{namespaces: [a], egress: []}', 'spec.egress: [] must be an object'],
    ['{namespaces: [a], actions: []}', 'spec.actions: [] must have at least 1 entry'],
    [
      '{namespaces: [a], actions: [Deny, Audit, Warn]}',
      'spec.actions: ["Deny","Audit","Warn"] must have at most 2 entries',
    ],
    [
      '{namespaces: [a], actions: [deny]}',
      'spec.actions[0]: "deny" must be one of "Deny", "Warn", "Audit"',
    ],
    ['{namespaces: [a], ruleActions: {r: Deny}}', 'spec.ruleActions.r: "Deny" must be an array'],
    [
      '{namespaces: [a], ruleActions: {constructor: [Nope]}}',
      'spec.ruleActions.constructor[0]: "Nope" must be one of "Deny", "Warn", "Audit"',
    ],
    ['{namespaces: [a], buckets: [{name: a/b}]}', `spec.buckets[0].name: "a/b" ${pattern}`],
    [
      '{namespaces: [a], buckets: [{name: ab}]}',
      'spec.buckets[0].name: "ab" must have at least 3 characters',
    ],
    [
      '{namespaces: [a], buckets: [{name: abc, access: rw}]}',
      'spec.buckets[0].access: "rw" must be one of "ReadOnly", "WriteOnly", "ReadWrite"',
    ],
    [
      '{namespaces: [a], buckets: [{name: abc, serviceAccounts: []}]}',
      'spec.buckets[0].serviceAccounts: [] must have at least 1 entry',
    ],
    [
      '{namespaces: [a], buckets: [{name: abc, serviceAccounts: [a:b]}]}',
      'spec.buckets[0].serviceAccounts[0]: "a:b" must be a service account name: lower-case letters, digits, "-" and "."',
    ],
    [
      '{namespaces: [a], buckets: [{name: abc, prefixes: [/x]}]}',
      'spec.buckets[0].prefixes[0]: "/x" must be plain text without "*", "?" and "\\", not starting with "/"',
    ],
    [
      '{namespaces: [a], buckets: [{name: abc, sharedWith: [{}]}]}',
      'spec.buckets[0].sharedWith[0]: "tenant" is missing',
    ],
    [
      '{namespaces: [a], egress: {hosts: [API.example.com]}}',
      'spec.egress.hosts[0]: "API.example.com" must be a lower-case host name, or "*." and a host name',
    ],
    [
      '{namespaces: [a], egress: {hosts: ["*com"]}}',
      'spec.egress.hosts[0]: "*com" must be a lower-case host name, or "*." and a host name',
    ],
    [
      '{namespaces: [a], egress: {hosts: ["münchen.example"]}}',
      'spec.egress.hosts[0]: "münchen.example" must be a lower-case host name, or "*." and a host name',
    ],
    [
      '{namespaces: [a], ingress: {hosts: ["a.example.com."]}}',
      'spec.ingress.hosts[0]: "a.example.com." must be a lower-case host name, or "*." and a host name',
    ],
    [
      '{namespaces: [a], issuers: [{issuer: x, jwksUri: "ftp://idp.example.com"}]}',
      'spec.issuers[0].jwksUri: "ftp://idp.example.com" must be an http(s) URL without user, query or fragment',
    ],
    [
      '{namespaces: [a], env: [{name: 1A, value: x}]}',
      'spec.env[0].name: "1A" must be letters, digits and "_", not starting with a digit',
    ],
    ['{namespaces: [a], env: [{name: A, value: 1}]}', 'spec.env[0].value: 1 must be a string'],
    [
      '{namespaces: [a], env: [{name: A, valueFrom: {}, value: ""}]}',
      'spec.env[0].valueFrom: unknown field; known here: name, value',
    ],
    [
      '{namespaces: [a], "a/b~c%2F": 1}',
      expect.stringMatching(/^spec\["a\/b~c%2F"\]: unknown field; /),
    ],
    [
      '{namespaces: [a], __proto__: {buckets: []}}',
      expect.stringMatching(/^spec\.__proto__: unknown field; /),
    ],
    [
      '{namespaces: [a], constructor: 1}',
      expect.stringMatching(/^spec\.constructor: unknown field; /),
    ],
    ['{namespaces: [a], "\\uD800": 1}', 'spec: "\\ud800" is not a valid field name'],
  ])('%s', (spec, message) => {
    expect(problemOf(spec)).toEqual(message);
  });

  it.each([
    '2027-1-31',
    '2027-13-01',
    '2027-00-10',
    '2027-01-32',
    '27-01-31',
    'tomorrow',
    '2027-01-31T00:00:00Z',
  ])('an exemption does not expire on %s', (expires) => {
    const exemption = `{rule: r, namespace: a, serviceAccount: s, reason: x, expires: "${expires}"}`;
    const found = tenantProblems(tenantText(`  {namespaces: [a], exemptions: [${exemption}]}\n`));
    expect(found).toContainEqual(
      expect.stringMatching(/: spec\.exemptions\[0\]\.expires: ".*" must be a date, YYYY-MM-DD$/),
    );
  });

  it('a value that is too long is cut in the message', () => {
    const text = tenantText(`  {namespaces: [a], env: [{name: A, value: ${'x'.repeat(5_000)}}]}\n`);
    expect(tenantProblems(text)).toEqual([
      `5:44: spec.env[0].value: "${'x'.repeat(79)}… must have at most 4096 characters`,
    ]);
  });
});

describe('what is missing', () => {
  it('is named field by field', () => {
    expect(tenantProblems(tenantText('  {namespaces: [a], issuers: [{}]}\n'))).toEqual([
      '5:31: spec.issuers[0]: "issuer" is missing',
      '5:31: spec.issuers[0]: "jwksUri" is missing',
    ]);
  });

  it('is read from the object, not from a sentence', () => {
    const schema = { type: 'object', required: ['x', 'y"x', 'null'] };
    expect(validateBySchema({ null: null }, schema)).toEqual([
      { path: [], message: '"x" is missing' },
      { path: [], message: '"y"x" is missing' },
    ]);
  });
});

describe('what is listed twice', () => {
  it.each([
    ['{namespaces: [a, b, a]}', 'spec.namespaces[2]: "a" is listed twice'],
    [
      '{namespaces: [a], egress: {hosts: [x.example.com, x.example.com]}}',
      'spec.egress.hosts[1]: "x.example.com" is listed twice',
    ],
    [
      '{namespaces: [a], ingress: {hosts: [x.example.com, x.example.com]}}',
      'spec.ingress.hosts[1]: "x.example.com" is listed twice',
    ],
    [
      '{namespaces: [a], egress: {cidrs: [10.0.0.0/8, 10.0.0.0/8]}}',
      'spec.egress.cidrs[1]: "10.0.0.0/8" is listed twice',
    ],
    [
      '{namespaces: [a], externalBuckets: [abc, abc]}',
      'spec.externalBuckets[1]: "abc" is listed twice',
    ],
    ['{namespaces: [a], actions: [Warn, Warn]}', 'spec.actions[1]: "Warn" is listed twice'],
    [
      '{namespaces: [a], ruleActions: {constructor: [Warn, Warn]}}',
      'spec.ruleActions.constructor[1]: "Warn" is listed twice',
    ],
    [
      '{namespaces: [a], buckets: [{name: abc, prefixes: [x, x]}]}',
      'spec.buckets[0].prefixes[1]: "x" is listed twice',
    ],
    [
      '{namespaces: [a], buckets: [{name: abc, serviceAccounts: [x, x]}]}',
      'spec.buckets[0].serviceAccounts[1]: "x" is listed twice',
    ],
    [
      '{namespaces: [a], buckets: [{name: abc, sharedWith: [{tenant: b}, {tenant: b, access: ReadWrite}]}]}',
      'spec.buckets[0].sharedWith[1]: tenant "b" is listed twice',
    ],
    [
      '{namespaces: [a], env: [{name: A, value: x}, {name: A, value: y}]}',
      'spec.env[1]: name "A" is listed twice',
    ],
    [
      '{namespaces: [a], issuers: [{issuer: i, jwksUri: "https://a"}, {issuer: i, jwksUri: "https://b"}]}',
      'spec.issuers[1]: issuer "i" is listed twice',
    ],
    [
      '{namespaces: [a], issuers: [{issuer: i, jwksUri: "https://a", audiences: [x, x]}]}',
      'spec.issuers[0].audiences[1]: "x" is listed twice',
    ],
  ])('%s', (spec, message) => {
    expect(problemOf(spec)).toBe(message);
  });

  it('may do so where entries add up', () => {
    expect(
      tenantProblems(tenantText('  {namespaces: [a], buckets: [{name: abc}, {name: abc}]}\n')),
    ).toEqual([]);
  });
});
