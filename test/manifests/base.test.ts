import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { listOf, recordOf, textOf, valueAt, type JsonRecord } from '../../src/admission/json.ts';
import { buildProgram } from '../../src/cli/command.ts';
import { limits, serverDefaults } from '../../src/limits.ts';
import { defaultConfig, loadConfig } from '../../src/declaration/load.ts';
import { installation } from '../../src/names.ts';
import { rules } from '../../src/rules/index.ts';
import { manifests, nameOf, objectOf, readBase, readDocuments } from './manifest-files.ts';

const base = readBase();
const objects = base.map(({ object }) => object);
const deployment = objectOf(objects, 'Deployment');
const pod = valueAt(deployment, ['spec', 'template', 'spec']);
const container = valueAt(pod, ['containers', 0]);
const ports = new Map(
  records(valueAt(container, ['ports'])).map((port) => [port['name'], port['containerPort']]),
);

/** Kinds without a namespace. */
const clusterScoped = new Set([
  'Namespace',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleBinding',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
]);

describe('every file of the base', () => {
  it('is listed in kustomization.yaml, and nothing else is', () => {
    const [kustomization] = readDocuments(new URL('base/kustomization.yaml', manifests));
    const files = readdirSync(new URL('base/', manifests));
    expect([...listOf(kustomization?.['resources']), 'kustomization.yaml'].sort()).toEqual(
      files.sort(),
    );
  });

  it.each(base)(
    'holds one object that carries our label and lives in our namespace: $file',
    (one) => {
      expect(base.filter(({ file }) => file === one.file)).toHaveLength(1);
      const metadata = recordOf(one.object['metadata']);
      expect(metadata['labels']).toMatchObject(installation.labels);
      expect(metadata['namespace']).toBe(
        clusterScoped.has(textOf(one.object['kind']) ?? '') ? undefined : installation.namespace,
      );
    },
  );
});

describe('the Deployment', () => {
  it('is started with flags that `serve` knows', () => {
    const [command, ...flags] = texts(valueAt(container, ['args']));
    const nowhere = { write: () => undefined, isTerminal: false };
    const program = buildProgram(
      {
        stdout: nowhere,
        stderr: nowhere,
        readStdin: () => Promise.resolve(''),
        env: {},
        directory: '/',
        now: () => new Date(0),
      },
      () => undefined,
    );
    const serve = program.commands.find((one) => one.name() === command);
    expect(serve?.name()).toBe('serve');
    expect(serve?.parseOptions(flags)).toEqual({ operands: [], unknown: [] });
  });

  it('mounts every file that its flags name', () => {
    const named = texts(valueAt(container, ['args'])).flatMap((flag) => flag.split('=')[1] ?? []);
    const mounted = records(valueAt(container, ['volumeMounts'])).flatMap(({ name, mountPath }) => {
      const volume = records(valueAt(pod, ['volumes'])).find((one) => one['name'] === name);
      return filesOf(volume ?? {}).map((file) => `${textOf(mountPath) ?? ''}/${file}`);
    });
    expect(named).toHaveLength(4);
    expect(mounted).toEqual(expect.arrayContaining(named));
  });

  it('has its ports and probes where the server listens', () => {
    expect(Object.fromEntries(ports)).toEqual({
      webhook: serverDefaults.port,
      metrics: serverDefaults.metricsPort,
    });
    for (const probe of ['readinessProbe', 'livenessProbe']) {
      const get = recordOf(valueAt(container, [probe, 'httpGet']));
      expect(get['scheme']).toBe('HTTPS');
      expect(ports.get(get['port'])).toBe(serverDefaults.port);
    }
    expect(valueAt(container, ['readinessProbe', 'httpGet', 'path'])).toBe('/readyz');
    expect(valueAt(container, ['livenessProbe', 'httpGet', 'path'])).toBe('/healthz');
  });

  it('lets running requests end before it is killed', () => {
    const sleep = Number(valueAt(container, ['lifecycle', 'preStop', 'sleep', 'seconds']));
    const grace = Number(valueAt(pod, ['terminationGracePeriodSeconds']));
    expect(grace * 1000).toBeGreaterThan(sleep * 1000 + limits.drainMilliseconds);
  });

  it('may do nothing on its node, and is not throttled', () => {
    expect(recordOf(container)['securityContext']).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(valueAt(pod, ['securityContext'])).toEqual({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(valueAt(container, ['resources', 'limits'])).toEqual({ memory: '512Mi' });
  });

  it('runs three replicas of the version of this package', () => {
    expect(valueAt(deployment, ['spec', 'replicas'])).toBe(3);
    expect(recordOf(container)['image']).toBe(`bucketwarden:${packageJson.version}`);
  });

  it('is what Service, disruption budget, network policy and spread constraints select', () => {
    const { labels } = installation;
    expect(valueAt(deployment, ['spec', 'template', 'metadata', 'labels'])).toEqual(labels);
    expect([
      valueAt(deployment, ['spec', 'selector', 'matchLabels']),
      valueAt(objectOf(objects, 'Service'), ['spec', 'selector']),
      valueAt(objectOf(objects, 'PodDisruptionBudget'), ['spec', 'selector', 'matchLabels']),
      valueAt(objectOf(objects, 'NetworkPolicy'), ['spec', 'podSelector', 'matchLabels']),
      ...records(valueAt(pod, ['topologySpreadConstraints'])).map((constraint) =>
        valueAt(constraint, ['labelSelector', 'matchLabels']),
      ),
    ]).toEqual([labels, labels, labels, labels, labels, labels]);
  });
});

describe('the ports', () => {
  it('of the Service lead to those of the container, and the webhook is where it is registered', () => {
    const service = records(valueAt(objectOf(objects, 'Service'), ['spec', 'ports']));
    expect(service.map(({ targetPort }) => ports.get(targetPort))).toEqual([8443, 9090]);
    for (const entry of registeredEntries()) {
      expect(valueAt(entry, ['clientConfig', 'service'])).toMatchObject({
        namespace: installation.namespace,
        name: nameOf(objectOf(objects, 'Service')),
        port: service[0]?.['port'],
      });
    }
  });

  it('are open: the webhook to all, metrics to one namespace', () => {
    const ingress = records(valueAt(objectOf(objects, 'NetworkPolicy'), ['spec', 'ingress']));
    expect(ingress).toEqual([
      { ports: [{ port: 'webhook', protocol: 'TCP' }] },
      {
        ports: [{ port: 'metrics', protocol: 'TCP' }],
        from: [
          { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
        ],
      },
    ]);
  });
});

describe('permissions', () => {
  const roles = objects.filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role');
  const permissions = roles.flatMap((role) => records(role['rules']));

  it('have no wildcard, no Secrets and nothing of RBAC itself', () => {
    expect(roles).toHaveLength(3);
    for (const permission of permissions) {
      const { apiGroups, resources, verbs } = permission;
      const words = [apiGroups, resources, verbs].flatMap(texts);
      expect(words).not.toContain('*');
      expect(words).not.toContain('secrets');
      expect(words).not.toContain('rbac.authorization.k8s.io');
    }
  });

  it('of the server are these and no others', () => {
    const own = ['ClusterRole', 'Role'].flatMap((kind) =>
      records(objectOf(objects, kind)['rules']).map(
        ({ apiGroups, resources, resourceNames, verbs }) =>
          [apiGroups, resources, resourceNames, verbs]
            .map((list) => texts(list).join(','))
            .join(' '),
      ),
    );
    expect(own).toEqual([
      'bucketwarden.io storagetenants  list,watch',
      'bucketwarden.io storagetenants/status  patch',
      ' namespaces  list,watch',
      'admissionregistration.k8s.io validatingwebhookconfigurations bucketwarden get',
      'coordination.k8s.io leases  create',
      'coordination.k8s.io leases bucketwarden get,update',
    ]);
  });

  it('to read what the rules judge are bound to nobody', () => {
    const auditor = objectOf(objects, 'ClusterRole', 'bucketwarden-auditor');
    const readable = records(auditor['rules']).flatMap(({ apiGroups, resources }) =>
      texts(resources).map((resource) => `${texts(apiGroups).join()}/${resource}`),
    );
    const judged = rules
      .flatMap(({ subject }) => subject.match)
      .flatMap(({ group, resources }) => resources.map((resource) => `${group}/${resource}`));
    const isObject = (address: string): boolean => address.split('/').length === 2;
    expect(readable.sort()).toEqual([...new Set(judged.filter(isObject))].sort());
    const bindings = objects.filter(({ kind }) => textOf(kind)?.endsWith('Binding'));
    expect(bindings.map((binding) => valueAt(binding, ['roleRef', 'name']))).toEqual([
      'bucketwarden',
      'bucketwarden',
    ]);
  });
});

describe('the config', () => {
  it('is the defaults, from which the registration is made', () => {
    const data = recordOf(objectOf(objects, 'ConfigMap')['data']);
    expect(loadConfig('config.yaml', textOf(data['config.yaml']) ?? '')).toEqual(defaultConfig());
  });

  it('exempts our own namespace', () => {
    expect(defaultConfig().exemptNamespaces).toContain(installation.namespace);
  });
});

function registeredEntries(): readonly JsonRecord[] {
  return ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].flatMap((kind) =>
    records(objectOf(objects, kind)['webhooks']),
  );
}

/** The files a volume consists of, by what makes it. */
function filesOf(volume: JsonRecord): readonly string[] {
  const secret = valueAt(volume, ['secret', 'secretName']);
  if (secret === installation.tlsSecret) return ['tls.crt', 'tls.key'];
  if (secret === installation.signingKeysSecret) return [installation.signingKeysFile];
  const configMap = textOf(valueAt(volume, ['configMap', 'name']));
  return Object.keys(recordOf(objectOf(objects, 'ConfigMap', configMap)['data']));
}

function records(value: unknown): readonly JsonRecord[] {
  return listOf(value).map(recordOf);
}

function texts(value: unknown): readonly string[] {
  return listOf(value).map((one) => textOf(one) ?? '');
}
