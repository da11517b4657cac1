import { describe, expect, it } from 'vitest';
import { isRecord, listOf, recordOf, textOf } from '../../src/admission/json.ts';
import { bucketwardenConfigSchema } from '../../src/declaration/bucketwarden-config.ts';
import { findBrokenCelRules } from '../../src/declaration/cel.ts';
import { storageTenantSchema } from '../../src/declaration/storage-tenant.ts';
import { configProblems, configText, tenantProblems, tenantText } from './texts.ts';

const date = 'reason: x, expires: "2027-01-31"';
const excluding = 'Deny and Warn exclude each other';

/** For every CEL rule of the two schemas: what keeps it, and what breaks it and nothing else. */
const tenantCases: readonly {
  readonly message: string;
  readonly good: readonly string[];
  readonly bad: Readonly<Record<string, string>>;
}[] = [
  {
    message: excluding,
    good: ['actions: [Deny, Audit]', 'actions: [Warn]', 'ruleActions: {r: [Audit, Warn]}'],
    bad: {
      'actions: [Deny, Warn]': 'spec.actions',
      'actions: [Warn, Deny]': 'spec.actions',
      'ruleActions: {a: [Audit], b: [Deny, Warn]}': 'spec.ruleActions.b',
      'ruleActions: {constructor: [Deny, Warn]}': 'spec.ruleActions.constructor',
    },
  },
  {
    message: 'names that start with AWS_ or BUCKETWARDEN_, and NODE_EXTRA_CA_CERTS, are reserved',
    good: ['env: []', 'env: [{name: MY_AWS_X, value: a}, {name: AWSX, value: b}]'],
    bad: {
      'env: [{name: A, value: a}, {name: AWS_REGION, value: b}]': 'spec.env',
      'env: [{name: BUCKETWARDEN_TENANT, value: a}]': 'spec.env',
      'env: [{name: NODE_EXTRA_CA_CERTS, value: a}]': 'spec.env',
    },
  },
  {
    message: 'a tenant cannot share a bucket with itself',
    good: [
      'buckets: [{name: abc}]',
      'buckets: [{name: abc, sharedWith: []}]',
      'buckets: [{name: abc, sharedWith: [{tenant: analytics}]}]',
    ],
    bad: {
      'buckets: [{name: abc}, {name: abd, sharedWith: [{tenant: analytics}, {tenant: payments}]}]':
        '',
    },
  },
  {
    message: 'exemptions name only namespaces of this tenant',
    good: [
      'exemptions: []',
      `exemptions: [{rule: r, namespace: payments, serviceAccount: s, ${date}}]`,
    ],
    bad: { [`exemptions: [{rule: r, namespace: other, serviceAccount: s, ${date}}]`]: '' },
  },
  {
    message: 'name either a serviceAccount, or one object by kind and name',
    good: [
      `exemptions: [{rule: r, namespace: payments, serviceAccount: s, ${date}}]`,
      `exemptions: [{rule: r, namespace: payments, kind: Pod, name: p, ${date}}]`,
    ],
    bad: {
      [`exemptions: [{rule: r, namespace: payments, ${date}}]`]: 'spec.exemptions[0]',
      [`exemptions: [{rule: r, namespace: payments, serviceAccount: s, kind: Pod, name: p, ${date}}]`]:
        'spec.exemptions[0]',
    },
  },
  {
    message: 'kind and name belong together',
    good: [`exemptions: [{rule: r, namespace: payments, kind: Pod, name: p, ${date}}]`],
    bad: {
      [`exemptions: [{rule: r, namespace: payments, serviceAccount: s, kind: Pod, ${date}}]`]:
        'spec.exemptions[0]',
      [`exemptions: [{rule: r, namespace: payments, serviceAccount: s, name: p, ${date}}]`]:
        'spec.exemptions[0]',
    },
  },
];

function problemsOf(field: string): string[] {
  const text = tenantText(`  namespaces: [payments]\n  ${field}\n`);
  return tenantProblems(text).map((line) => line.replace(/^\d+:\d+: /, ''));
}

describe.each(tenantCases)('in a StorageTenant, "$message"', ({ message, good, bad }) => {
  it.each(good)('is kept by %s', (field) => {
    expect(problemsOf(field)).toEqual([]);
  });

  it.each(Object.entries(bad))('is broken by %s', (field, path) => {
    expect(problemsOf(field)).toEqual([path === '' ? message : `${path}: ${message}`]);
  });
});

describe('in a BucketwardenConfig', () => {
  it.each([
    ['rules: {r: [Deny, Warn]}', '3:12: rules.r'],
    ['detection: {secretReferences: [Warn, Deny]}', '3:31: detection.secretReferences'],
  ])('%s is refused', (section, where) => {
    expect(configProblems(configText(section))).toEqual([`${where}: ${excluding}`]);
    expect(configProblems(configText(section.replace('Deny', 'Audit')))).toEqual([]);
  });
});

it('two rules broken by one value are told both', () => {
  expect(problemsOf(`exemptions: [{rule: r, namespace: payments, kind: Pod, ${date}}]`)).toEqual([
    'spec.exemptions[0]: name either a serviceAccount, or one object by kind and name',
    'spec.exemptions[0]: kind and name belong together',
  ]);
});

it('rules of the whole document stand where it starts, after a first document, too', () => {
  const field =
    '  namespaces: [payments]\n  exemptions: [{rule: r, namespace: x, serviceAccount: s, ';
  expect(tenantProblems(`---\n# first\n${tenantText(`${field}${date}}]\n`)}`)).toEqual([
    '3:1: exemptions name only namespaces of this tenant',
  ]);
});

describe('every CEL rule of the schemas', () => {
  const rules = [...celRules(storageTenantSchema), ...celRules(bucketwardenConfigSchema)];

  it('is broken by a case above', () => {
    const known = new Set(tenantCases.map(({ message }) => message));
    expect(rules.length).toBeGreaterThan(5);
    expect(rules.filter(({ message }) => !known.has(message))).toEqual([]);
    expect(new Set(rules.map(({ message }) => message))).toEqual(known);
  });

  it('that cannot be evaluated does not hold', () => {
    for (const rule of ['self.missing.field == 1', 'self +', '', '"text"', 'undeclared']) {
      const schema = { 'x-kubernetes-validations': [{ rule, message: 'broken' }] };
      expect(findBrokenCelRules({}, schema)).toEqual([{ path: [], message: 'broken' }]);
    }
  });
});

/** Every `x-kubernetes-validations` entry, however deep. */
function celRules(schema: unknown): { readonly rule: string; readonly message: string }[] {
  if (Array.isArray(schema)) return schema.flatMap(celRules);
  if (!isRecord(schema)) return [];
  const own = listOf(schema['x-kubernetes-validations']).map((entry) => {
    const { rule, message } = recordOf(entry);
    return { rule: textOf(rule) ?? '', message: textOf(message) ?? '' };
  });
  return [...own, ...Object.values(schema).flatMap(celRules)];
}
