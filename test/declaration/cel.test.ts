import { describe, expect, it } from 'vitest';
import { isRecord, listOf, recordOf, textOf } from '../../src/admission/json.ts';
import { bucketwardenConfigSchema } from '../../src/declaration/bucketwarden-config.ts';
import { findBrokenCelRules } from '../../src/declaration/cel.ts';
import { storageTenantSchema } from '../../src/declaration/storage-tenant.ts';
import { configProblems, configText, tenantProblems, tenantText } from './texts.ts';

const date = 'reason: x, expires: "2027-01-31"';
const excluding = 'Deny and Warn exclude each other';

/** Each name as the only variable of a tenant, and where the problem is. */
function brokenNames(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.map((name) => [`env: [{name: ${name}, value: a}]`, 'spec.env[0].name']),
  );
}

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
    message: 'AWS_*, BUCKETWARDEN_* and NODE_EXTRA_CA_CERTS are reserved for the storage identity',
    good: ['env: []', 'env: [{name: MY_AWS_X, value: a}, {name: AWSX, value: b}]'],
    bad: {
      'env: [{name: A, value: a}, {name: AWS_REGION, value: b}]': 'spec.env[1].name',
      ...brokenNames(['aws_region', 'Aws_X', 'BUCKETWARDEN_TENANT', 'bucketwarden_x']),
      ...brokenNames(['NODE_EXTRA_CA_CERTS', 'node_extra_ca_certs']),
    },
  },
  {
    message:
      'LD_*, PATH, ENV, NODE_OPTIONS, PYTHONPATH, JAVA_TOOL_OPTIONS, GIT_SSH* and other variables that choose which code a program runs are not allowed',
    good: [
      'env: [{name: APP_ENV, value: a}, {name: DATA_PATH, value: b}, {name: GIT_SHA, value: c}]',
    ],
    bad: {
      ...brokenNames(['LD_PRELOAD', 'LD_LIBRARY_PATH', 'LD_AUDIT', 'ld_preload', 'PATH', 'Path']),
      ...brokenNames(['NODE_OPTIONS', 'NODE_PATH', 'PYTHONPATH', 'PYTHONHOME', 'PYTHONSTARTUP']),
      ...brokenNames(['JAVA_TOOL_OPTIONS', '_JAVA_OPTIONS', 'JDK_JAVA_OPTIONS', 'CLASSPATH']),
      ...brokenNames(['ENV', 'BASH_ENV', 'SHELLOPTS', 'PROMPT_COMMAND', 'PERL5OPT', 'PERL5LIB']),
      ...brokenNames(['RUBYOPT', 'RUBYLIB', 'GIT_SSH', 'GIT_SSH_COMMAND', 'GCONV_PATH']),
      ...brokenNames(['DOTNET_STARTUP_HOOKS', 'GLIBC_TUNABLES', 'OPENSSL_CONF', 'openssl_conf']),
      ...brokenNames(['DYLD_INSERT_LIBRARIES', 'NPM_CONFIG_REGISTRY', 'npm_config_node_options']),
      ...brokenNames(['CORECLR_PROFILER', 'CORECLR_ENABLE_PROFILING', 'COR_PROFILER_PATH']),
      ...brokenNames(['GIT_EXEC_PATH', 'GIT_PROXY_COMMAND', 'PYTHONUSERBASE', 'PYTHONBREAKPOINT']),
      ...brokenNames(['PERL5DB', 'LUA_INIT', 'PHPRC', 'COR_PROFILER']),
    },
  },
  {
    message:
      'HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, HOSTALIASES, KUBERNETES_SERVICE_* and other variables that redirect connections or stop checking certificates are not allowed',
    good: ['env: [{name: PROXY, value: a}, {name: SSL_CERT_FILE, value: /ca.crt}]'],
    bad: {
      ...brokenNames(['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'https_proxy']),
      ...brokenNames(['no_proxy', 'FTP_PROXY', 'grpc_proxy', 'HOSTALIASES', 'LOCALDOMAIN']),
      ...brokenNames(['SOCKS_PROXY', 'socks_proxy', 'NODE_TLS_REJECT_UNAUTHORIZED']),
      ...brokenNames(['RES_OPTIONS', 'KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT']),
    },
  },
  {
    message: 'static keys are not allowed; pods get a short-lived identity instead',
    good: ['env: [{name: MINIO_URL, value: a}, {name: S3_ACCESS, value: b}]'],
    bad: {
      ...brokenNames(['MINIO_ACCESS_KEY', 'MINIO_SECRET_KEY', 'MINIO_ROOT_PASSWORD']),
      ...brokenNames(['S3_ACCESS_KEY', 'S3_ACCESS_KEY_ID', 'S3_SECRET_KEY']),
      ...brokenNames(['S3_SECRET_ACCESS_KEY', 's3_secret_key']),
    },
  },
  {
    message: 'must not contain a URL with a password or key ("https://user:password@host")',
    good: [
      'env: [{name: MC_HOST_x, value: "https://minio.storage.svc:9000"}]',
      'env: [{name: MC_STS_ENDPOINT_x, value: "https://minio.storage.svc:9000"}]',
      'env: [{name: A, value: "ssh://git@example.com, https://example.com:8443/a:b@c, x:y@z"}]',
    ],
    bad: {
      'env: [{name: MC_HOST_x, value: "https://KEY:SECRET@minio.storage.svc:9000"}]':
        'spec.env[0].value',
      'env: [{name: DSN, value: "a redis://:secret@cache"}]': 'spec.env[0].value',
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
    bad: {
      [`exemptions: [{rule: r, namespace: other, serviceAccount: s, ${date}}]`]:
        'spec.exemptions[0].namespace',
    },
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
    '  namespaces: [payments]\n  buckets: [{name: abc, sharedWith: [{tenant: payments}]}]\n';
  expect(tenantProblems(`---\n# first\n${tenantText(field)}`)).toEqual([
    '3:1: a tenant cannot share a bucket with itself',
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
