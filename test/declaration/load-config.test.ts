import { describe, expect, it } from 'vitest';
import { defaultConfig, loadConfig } from '../../src/declaration/load.ts';
import { compileSettings, classOf } from '../../src/settings/settings.ts';
import { configProblems, configText } from './texts.ts';

function problemsOf(section: string): string[] {
  return configProblems(configText(section)).map((line) => line.replace(/^\d+:\d+: /, ''));
}

describe('a config file', () => {
  it('may say nothing: every field has a default', () => {
    expect(loadConfig('f', configText(''))).toEqual(defaultConfig());
  });

  it.each(['', '# nothing\n', '---\n'])('is not a file without a document: %j', (text) => {
    expect(() => loadConfig('f', text)).toThrow('f: there is no BucketwardenConfig in it');
  });

  it('names an unknown rule where it stands', () => {
    const text = configText('rules:\n  export-scope: [Warn]\n  no-such: [Warn]\n');
    expect(() => loadConfig('f', text, new Set(['export-scope']))).toThrow(
      'rules.no-such: unknown rule "no-such"; see `bucketwarden policy list`',
    );
  });

  it('has the documented defaults', () => {
    expect(defaultConfig()).toMatchObject({
      storage: {
        endpoints: ['https://minio.storage.svc.cluster.local:9000'],
        namespace: 'storage',
        region: 'us-east-1',
        ca: { configMap: '', key: 'ca.crt' },
        sts: {
          endpoint: '',
          audience: 'minio',
          roleArn: '',
          roleRegion: '',
          expirationSeconds: 7200,
        },
      },
      mesh: {
        rootNamespace: 'istio-system',
        trustDomain: 'cluster.local',
        clusterDomain: 'cluster.local',
      },
      protected: {
        hosts: ['metadata.google.internal'],
        cidrs: ['169.254.0.0/16', 'fd00:ec2::254/128', 'fe80::/10'],
      },
      detection: {
        flags: ['--bucket'],
        schemes: ['s3', 's3a', 's3n'],
        secretReferences: ['Warn'],
        templates: [],
      },
      rules: {},
      exemptNamespaces: ['kube-system', 'bucketwarden-system'],
      infrastructureNamespaces: [],
      untenanted: { buckets: 'Managed', hosts: 'Protected' },
    });
  });

  it('keeps what it says and takes the rest from the defaults, at every depth', () => {
    const { storage } = loadConfig('f', configText('storage: {sts: {audience: store}}'));
    expect(storage).toEqual({
      ...defaultConfig().storage,
      sts: { ...defaultConfig().storage.sts, audience: 'store' },
    });
  });

  it('replaces a list as a whole', () => {
    const { exemptNamespaces } = loadConfig('f', configText('exemptNamespaces: []'));
    expect(exemptNamespaces).toEqual([]);
  });

  it('gives every caller defaults of its own', () => {
    expect(defaultConfig().storage.endpoints).toEqual(
      loadConfig('f', configText('')).storage.endpoints,
    );
    expect(Object.isFrozen(defaultConfig())).toBe(false);
    expect(defaultConfig().storage).not.toBe(loadConfig('f', configText('')).storage);
  });
});

describe('a config file is refused', () => {
  it('with every problem, its line, column and path', () => {
    const text = configText(`storage:
  endpoints: []
  sts: {expirationSeconds: 10}
  bucket: x
untenanted: {hosts: Some}
`);
    expect(configProblems(text)).toEqual([
      '4:14: storage.endpoints: [] must have at least 1 entry',
      '5:28: storage.sts.expirationSeconds: 10 must be at least 900',
      '6:11: storage.bucket: unknown field; known here: ca, endpoints, namespace, region, sts',
      '7:21: untenanted.hosts: "Some" must be one of "Protected", "All", "None"',
    ]);
  });

  it('when it holds a second document', () => {
    expect(configProblems(`${configText('')}---\n${configText('')}`)).toEqual([
      '4:1: is a second document; a config file has one',
    ]);
  });

  it('when it is something else', () => {
    expect(configProblems('kind: ConfigMap\napiVersion: v1\n')).toEqual([
      '1:1: must be a BucketwardenConfig of bucketwarden.io/v1alpha1, found ConfigMap of v1',
    ]);
  });

  it('when it cannot be read', () => {
    expect(configProblems(`${configText('')}storage: {\n`)).toEqual([
      '4:1: Flow map in block collection must be sufficiently indented and end with a }',
    ]);
  });

  it.each([
    [
      'storage: {sts: {expirationSeconds: 90000}}',
      'storage.sts.expirationSeconds: 90000 must be at most 86400',
    ],
    [
      'storage: {sts: {expirationSeconds: 3600.5}}',
      'storage.sts.expirationSeconds: 3600.5 must be an integer',
    ],
    ['storage: {sts: {expirationSeconds: .inf}}', 'is not a number that JSON can hold'],
    ['storage: {sts: {audience: ""}}', 'storage.sts.audience: "" must have at least 1 character'],
    [
      'storage: {sts: {endpoint: minio}}',
      'storage.sts.endpoint: "minio" must be "" or an http(s) URL without user, query or fragment',
    ],
    [
      'storage: {endpoints: ["https://user:key@minio"]}',
      'storage.endpoints[0]: "https://user:key@minio" must be an http(s) URL without user, query or fragment',
    ],
    [
      'storage: {endpoints: ["https://a.example", "https://a.example"]}',
      'storage.endpoints[1]: "https://a.example" is listed twice',
    ],
    [
      'storage: {endpoints: ["https://minio:99999"]}',
      'storage.endpoints[0]: "https://minio:99999" is not a URL',
    ],
    [
      'storage: {endpoints: ["https://[fd00"]}',
      'storage.endpoints[0]: "https://[fd00" is not a URL',
    ],
    [
      'storage: {endpoints: ["https://minio_1:9000"]}',
      'storage.endpoints[0]: "https://minio_1:9000" is not a URL of a store: "minio_1" is not a host name',
    ],
    [
      'storage: {endpoints: ["https://*.example.com"]}',
      'storage.endpoints[0]: "https://*.example.com" is not a URL of a store: "*.example.com" is not a host name',
    ],
    [
      'storage: {sts: {endpoint: "https://minio:99999"}}',
      'storage.sts.endpoint: "https://minio:99999" is not a URL',
    ],
    [
      'mesh: {clusterDomain: "*.local"}',
      'mesh.clusterDomain: "*.local" must be a lower-case host name',
    ],
    [
      'mesh: {clusterDomain: "cluster.local."}',
      'mesh.clusterDomain: "cluster.local." must be a lower-case host name',
    ],
    [
      'protected: {hosts: ["10.0.0.1"]}',
      'protected.hosts[0]: "10.0.0.1" is an IP address; write it in protected.cidrs',
    ],
    [
      'protected: {hosts: ["2130706433"]}',
      'protected.hosts[0]: "2130706433" is an IP address; write it in protected.cidrs',
    ],
    [
      'protected: {cidrs: ["999.1.1.1/8"]}',
      'protected.cidrs[0]: "999.1.1.1/8" is not an IP address or range',
    ],
    [
      'protected: {cidrs: ["10/8"]}',
      'protected.cidrs[0]: "10/8" is not in normal form; write "0.0.0.0/8"',
    ],
    [
      'protected: {cidrs: ["10.0.0.1/8"]}',
      'protected.cidrs[0]: "10.0.0.1/8" is not in normal form; write "10.0.0.0/8"',
    ],
    ['detection: {env: ["*"]}', 'detection.env[0]: "*" must match ^\\*?[A-Za-z0-9_]+$'],
    [
      'detection: {templates: [{apiVersion: v1, kind: X, podSpec: spec..x}]}',
      'detection.templates[0].podSpec: "spec..x" must be keys joined by dots, such as "spec.template.spec"',
    ],
    [
      'detection: {templates: [{apiVersion: argoproj.io, kind: X, podSpec: spec}]}',
      'detection.templates[0].apiVersion: "argoproj.io" must be a group and a version, such as "argoproj.io/v1alpha1"',
    ],
    [
      'detection: {templates: [{apiVersion: argoproj.io/v1alpha1, kind: rollout, podSpec: spec}]}',
      'detection.templates[0].kind: "rollout" must be a kind as manifests write it, such as "Rollout"',
    ],
    [
      'detection: {templates: [{apiVersion: a.io/v1, kind: A, podSpec: x}, {apiVersion: a.io/v1, kind: A, podSpec: y}]}',
      'detection.templates[1].kind: "A" is listed already; one pod spec is read per kind',
    ],
    ['rules: {a-rule: Warn}', 'rules.a-rule: "Warn" must be an array'],
    [
      'exemptNamespaces: [kube-*]',
      'exemptNamespaces[0]: "kube-*" must be lower-case letters, digits and "-", starting and ending with a letter or digit',
    ],
  ])('%s', (section, message) => {
    expect(problemsOf(section)).toEqual([message]);
  });
});

describe('compiled settings', () => {
  const config = loadConfig(
    'f',
    configText(`storage:
  endpoints: ["https://minio.storage.svc.k8s.example:9000", "http://S3.Example.COM", "http://10.1.2.3:9000", "http://[fd00::5]:9000"]
mesh: {clusterDomain: k8s.example}
protected: {hosts: ["*.google.internal"], cidrs: ["10.96.0.0/12"]}
infrastructureNamespaces: [dns, storage, kube-system]
`),
  );
  const settings = compileSettings(config);

  it('know the store under every name, address and port', () => {
    expect([...settings.storage.names].sort()).toEqual([
      'minio.storage',
      'minio.storage.svc',
      'minio.storage.svc.k8s.example',
      's3.example.com',
    ]);
    expect([...settings.storage.shortNames]).toEqual(['minio']);
    expect([...settings.storage.addresses]).toEqual(['10.1.2.3', 'fd00::5']);
    expect([...settings.storage.ports].sort()).toEqual(['80', '9000']);
  });

  it("protect the configured ranges and the store's addresses", () => {
    expect(settings.protectedCidrs.texts()).toEqual(['10.96.0.0/12', '10.1.2.3', 'fd00::5']);
    expect(settings.protectedHosts.has({ kind: 'name', name: 'metadata.google.internal' })).toBe(
      true,
    );
  });

  it.each([
    ['kube-system', 'exempt'],
    ['bucketwarden-system', 'exempt'],
    ['storage', 'platform'],
    ['istio-system', 'platform'],
    ['dns', 'infrastructure'],
    ['payments', 'workload'],
    ['', 'workload'],
    ['__proto__', 'workload'],
  ])('class namespace "%s" as %s', (namespace, expected) => {
    expect(classOf(settings, namespace)).toBe(expected);
  });
});
