import { beforeAll, expect, it } from 'vitest';
import { formatPath, type FieldPath } from '../../src/admission/field-path.ts';
import { isRecord, listOf, recordOf, valueAt, type JsonRecord } from '../../src/admission/json.ts';
import { decodeTenant } from '../../src/declaration/load.ts';
import { foreignExemption, storageTenantSchema } from '../../src/declaration/storage-tenant.ts';
import { ClusterError } from '../../src/kube/cluster-error.ts';
import type { Cluster } from '../../src/kube/cluster.ts';
import { connectCluster } from '../../src/kube/connect.ts';
import { describeOnCluster, tenantObject, tenantsPath } from './cluster.ts';

/** Every field once, all of them good. */
const good = tenantObject('payments', {
  namespaces: ['payments'],
  identity: 'Always',
  buckets: [
    {
      name: 'payments-ledger',
      access: 'ReadWrite',
      prefixes: ['invoices/'],
      serviceAccounts: ['ledger-writer'],
      sharedWith: [{ tenant: 'analytics', access: 'ReadOnly' }],
    },
  ],
  egress: { hosts: ['api.example.com'], cidrs: ['203.0.113.0/28'] },
  ingress: { hosts: ['pay.example.com'] },
  externalBuckets: ['acme-gcs-*'],
  issuers: [
    { issuer: 'https://idp.example.com', jwksUri: 'https://idp.example.com/k', audiences: ['a'] },
  ],
  env: [{ name: 'REGION', value: 'eu' }],
  actions: ['Warn'],
  ruleActions: { 'export-scope': ['Deny', 'Audit'] },
  exemptions: [
    {
      rule: 'export-scope',
      namespace: 'payments',
      serviceAccount: 'legacy',
      reason: 'PAY-91',
      expires: '2027-01-31',
    },
    {
      rule: 'export-scope',
      namespace: 'payments',
      kind: 'ServiceEntry',
      name: 'bank',
      reason: 'PAY-12',
      expires: '2027-01-31',
    },
  ],
});

/** What breaks a CEL rule, by where it stands; every rule of the schema is here. */
const celCases: readonly {
  readonly title: string;
  readonly path: FieldPath;
  readonly value: unknown;
}[] = [
  {
    title: 'sharing with oneself',
    path: ['spec', 'buckets', 0, 'sharedWith', 0, 'tenant'],
    value: 'payments',
  },
  {
    title: 'an exemption in a foreign namespace',
    path: ['spec', 'exemptions', 0, 'namespace'],
    value: 'analytics',
  },
  { title: 'a reserved AWS_ variable', path: ['spec', 'env', 0, 'name'], value: 'AWS_REGION' },
  {
    title: 'a reserved BUCKETWARDEN_ variable',
    path: ['spec', 'env', 0, 'name'],
    value: 'BUCKETWARDEN_TENANT',
  },
  { title: 'a proxy in small letters', path: ['spec', 'env', 0, 'name'], value: 'https_proxy' },
  { title: 'LD_PRELOAD', path: ['spec', 'env', 0, 'name'], value: 'LD_PRELOAD' },
  { title: 'a static key', path: ['spec', 'env', 0, 'name'], value: 'MINIO_SECRET_KEY' },
  {
    title: 'a password in a URL',
    path: ['spec', 'env', 0, 'value'],
    value: 'https://KEY:SECRET@minio.storage.svc:9000',
  },
  { title: 'NODE_EXTRA_CA_CERTS', path: ['spec', 'env', 0, 'name'], value: 'NODE_EXTRA_CA_CERTS' },
  { title: 'Deny and Warn', path: ['spec', 'actions'], value: ['Deny', 'Warn'] },
  {
    title: 'Deny and Warn for one rule',
    path: ['spec', 'ruleActions', 'export-scope'],
    value: ['Warn', 'Deny'],
  },
  {
    title: 'an exemption of an account and an object',
    path: ['spec', 'exemptions', 1, 'serviceAccount'],
    value: 'legacy',
  },
  {
    title: 'an exemption of nothing',
    path: ['spec', 'exemptions', 0, 'serviceAccount'],
    value: undefined,
  },
  {
    title: 'an exemption of a kind without a name',
    path: ['spec', 'exemptions', 0, 'kind'],
    value: 'ServiceEntry',
  },
];

describeOnCluster('the CRD of StorageTenant', ({ kubeconfig }) => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await connectCluster(kubeconfig);
  });

  const dryRun = (body: JsonRecord): Promise<JsonRecord> =>
    cluster.ask({
      method: 'POST',
      path: tenantsPath,
      query: { dryRun: 'All', fieldValidation: 'Strict' },
      body,
    });

  const refusalOf = async (body: JsonRecord): Promise<string> => {
    const error = await dryRun(body).then(
      () => new Error('accepted'),
      (failure: unknown) => failure,
    );
    expect(error, JSON.stringify(body)).toBeInstanceOf(ClusterError);
    return error instanceof ClusterError ? error.message : '';
  };

  it('accepts what the decoder accepts, and fills in the same defaults', async () => {
    expect(decodeTenant(good).problems).toEqual([]);
    expect((await dryRun(good))['spec']).toEqual(good['spec']);
    const small = tenantObject('small', {
      namespaces: ['small'],
      buckets: [{ name: 'small-data', sharedWith: [{ tenant: 'payments' }] }],
    });
    const { declaration } = decodeTenant(small);
    expect((await dryRun(small))['spec']).toEqual(declaration?.spec);
  });

  it.each(constraintCases(storageTenantSchema, []).map((one) => [one.title, one] as const))(
    'refuses %s, as the decoder does',
    async (_title, { path, value, says }) => {
      const bad = withValueAt(good, path, value);
      const problems = decodeTenant(bad).problems.map((one) => formatPath(one.path));
      const place = formatPath(path);
      expect(
        problems.some((text) => text.startsWith(place) || place.startsWith(text)),
        String(problems),
      ).toBe(true);
      const refusal = await refusalOf(bad);
      expect(refusal).toContain(says);
      expectPath(refusal, path);
    },
  );

  it.each(celCases.map((one) => [one.title, one] as const))(
    'refuses %s with the message of the decoder',
    async (_title, { path, value }) => {
      const bad = withValueAt(good, path, value);
      const { problems } = decodeTenant(bad);
      expect(problems.length).toBeGreaterThan(0);
      const refusal = await refusalOf(bad);
      for (const { path: where, message } of problems) {
        expect(refusal).toContain(message);
        // That rule is on the root, for it also needs the namespaces; the decoder says which exemption it is.
        expectPath(refusal, message === foreignExemption ? [] : where);
      }
    },
  );

  it('has a case for each of its CEL rules', () => {
    const met = new Set(
      celCases.flatMap(({ path, value }) =>
        decodeTenant(withValueAt(good, path, value)).problems.map(({ message }) => message),
      ),
    );
    expect([...met].sort()).toEqual([...new Set(celMessages(storageTenantSchema))].sort());
  });

  it('refuses an unknown field when asked to be strict, as the decoder always is', async () => {
    const bad = withValueAt(good, ['spec', 'bukkets'], []);
    expect(decodeTenant(bad).problems[0]?.path).toEqual(['spec', 'bukkets']);
    expect(await refusalOf(bad)).toContain('unknown field "spec.bukkets"');
  });
});

interface ConstraintCase {
  readonly title: string;
  readonly path: FieldPath;
  readonly value: unknown;
  /** A part of the API server's message that tells this constraint from others. */
  readonly says: string;
}

/** One bad value for every constraint of a schema, found by walking it along the good tenant. */
function constraintCases(schema: JsonRecord, path: FieldPath): ConstraintCase[] {
  const here = valueAt(good, path);
  const where = formatPath(path);
  const own = Object.entries(schema).flatMap(([keyword, limit]) => {
    // Of the root only what stands below is ours; apiVersion and kind choose the endpoint.
    if (path.length === 0 || ['apiVersion', 'kind'].includes(String(path[0]))) return [];
    if (['status', 'metadata', 'metadata.generation'].includes(where)) return [];
    // That a name is there and a string is the API server's own business.
    if (where === 'metadata.name' && ['type', 'minLength'].includes(keyword)) return [];
    return badValues(keyword, limit, { schema, here }).map(({ value, says }) => ({
      title: `a bad ${keyword} of ${where}`,
      path,
      value,
      says,
    }));
  });
  return [...own, ...requiredCases(schema, path), ...inner(schema, path, here)];
}

function requiredCases(schema: JsonRecord, path: FieldPath): ConstraintCase[] {
  if (path.length === 0 || path[0] === 'metadata') return [];
  return listOf(schema['required']).map((name) => ({
    title: `${formatPath(path)} without ${String(name)}`,
    path: [...path, String(name)],
    value: undefined,
    says: 'Required value',
  }));
}

function inner(schema: JsonRecord, path: FieldPath, here: unknown): ConstraintCase[] {
  if (isRecord(schema['items'])) return constraintCases(schema['items'], [...path, 0]);
  const properties = Object.entries(recordOf(schema['properties'])).flatMap(([name, member]) => {
    // kind and name stand in the second exemption only.
    const isSecond = path.at(-2) === 'exemptions' && ['kind', 'name'].includes(name);
    return constraintCases(recordOf(member), [
      ...(isSecond ? [...path.slice(0, -1), 1] : path),
      name,
    ]);
  });
  if (!isRecord(schema['additionalProperties'])) return properties;
  const [key = ''] = Object.keys(recordOf(here));
  return [...properties, ...constraintCases(schema['additionalProperties'], [...path, key])];
}

interface Bad {
  readonly value: unknown;
  readonly says: string;
}

function badValues(
  keyword: string,
  limit: unknown,
  { schema, here }: { readonly schema: JsonRecord; readonly here: unknown },
): readonly Bad[] {
  const count = Number(limit);
  const [item] = listOf(here);
  const shortest = Math.max(1, Number(schema['minLength'] ?? 1));
  const makers: Readonly<Record<string, () => Bad>> = {
    type: () => ({
      value: limit === 'string' ? 5 : 'text',
      says: `must be of type ${String(limit)}`,
    }),
    enum: () => ({ value: 'Nonsense', says: 'Unsupported value: "Nonsense"' }),
    pattern: () => ({ value: '\\'.repeat(shortest), says: 'should match' }),
    minLength: () => ({
      value: 'a'.repeat(count - 1),
      says: `should be at least ${count} chars long`,
    }),
    maxLength: () => ({ value: 'a'.repeat(count + 1), says: 'Too long' }),
    minItems: () => ({ value: [], says: `should have at least ${count} items` }),
    maxItems: () => ({ value: Array.from({ length: count + 1 }, () => item), says: 'Too many' }),
    maxProperties: () => ({ value: manyProperties(count + 1), says: 'Too many' }),
    'x-kubernetes-list-type': () => ({ value: [item, item], says: 'Duplicate value' }),
  };
  const make = limit === 'atomic' ? undefined : makers[keyword];
  return make ? [make()] : [];
}

function manyProperties(count: number): JsonRecord {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`rule-${index}`, ['Warn']]),
  );
}

function celMessages(schema: JsonRecord): string[] {
  const own = listOf(schema['x-kubernetes-validations']).map((one) =>
    String(recordOf(one)['message']),
  );
  const members = [
    ...Object.values(recordOf(schema['properties'])),
    schema['items'],
    schema['additionalProperties'],
  ];
  return [...own, ...members.filter(isRecord).flatMap(celMessages)];
}

/** A copy with one value replaced, or taken out when it is undefined. */
function withValueAt(root: unknown, path: FieldPath, value: unknown): JsonRecord {
  const copy: unknown = structuredClone(root);
  const parent = valueAt(copy, path.slice(0, -1));
  const last = path.at(-1) ?? '';
  if (Array.isArray(parent)) parent[Number(last)] = value;
  else if (isRecord(parent)) {
    if (value === undefined) Reflect.deleteProperty(parent, last);
    else Object.assign(parent, { [last]: value });
  }
  return recordOf(copy);
}

/** As the API server writes paths: keys of maps stand after a dot or in brackets. */
function apiPaths(path: FieldPath): readonly string[] {
  const [dotted = '', bracketed = ''] = ['.$', '[$]'].map((form) =>
    path
      .map((segment, index) => {
        if (typeof segment === 'number') return `[${segment}]`;
        const isMapKey = path[index - 1] === 'ruleActions';
        return (isMapKey ? form : index === 0 ? '$' : '.$').replace('$', segment);
      })
      .join(''),
  );
  return [dotted, bracketed];
}

function expectPath(refusal: string, path: FieldPath): void {
  // The root is spelt so.
  const spellings = path.length === 0 ? ['<nil>'] : apiPaths(path);
  expect(
    spellings.some((one) => refusal.includes(one)),
    `${formatPath(path)} in ${refusal}`,
  ).toBe(true);
}
