import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { listOf, recordOf, valueAt, type JsonRecord } from '../../src/admission/json.ts';
import { loadPolicy } from '../../src/engine/load-policy.ts';
import { mutations } from '../../src/inject/mutations.ts';
import { buildRegistration } from '../../src/manifests/webhook-registration.ts';
import { installation } from '../../src/names.ts';
import { rules } from '../../src/rules/index.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { manifests, nameOf, objectOf, parseDocuments, readBase } from './manifest-files.ts';

const kubectl = process.env['TEST_ASSET_KUBECTL'] ?? 'kubectl';
const absent = spawnSync(kubectl, ['version', '--client']).error;
if (absent) process.stderr.write(`the kustomize tests are skipped: ${absent.message}\n`);

describe.skipIf(absent)('kustomize', () => {
  it('builds the base out of all its files', () => {
    expect(build('base').map(titleOf).sort()).toEqual(
      readBase()
        .map(({ object }) => titleOf(object))
        .sort(),
    );
  });

  it('narrows the NetworkPolicy to the API server, and leaves metrics to monitoring', () => {
    const { ingress, podSelector } = recordOf(
      objectOf(buildWith('api-server-only.yaml'), 'NetworkPolicy')['spec'],
    );
    expect(podSelector).toEqual({ matchLabels: installation.labels });
    expect(ingress).toEqual([
      {
        ports: [{ port: 'webhook', protocol: 'TCP' }],
        from: [{ ipBlock: { cidr: '192.0.2.10/32' } }],
      },
      {
        ports: [{ port: 'metrics', protocol: 'TCP' }],
        from: [
          { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
        ],
      },
    ]);
  });

  it('demands client certificates, and lets the kubelet ask on the metrics port', () => {
    const overlay = buildWith('client-certificates.yaml', { kind: 'Deployment' });
    const deployment = objectOf(overlay, 'Deployment');
    const pod = recordOf(valueAt(deployment, ['spec', 'template', 'spec']));
    const container = recordOf(listOf(pod['containers'])[0]);
    expect(listOf(container['args']).slice(-2)).toEqual([
      '--client-ca=/etc/bucketwarden/client-ca/ca.crt',
      '--client-name=bucketwarden-api-server',
    ]);
    expect(valueAt(container, ['readinessProbe', 'httpGet'])).toEqual({
      port: 'metrics',
      path: '/readyz',
    });
    expect(valueAt(container, ['livenessProbe', 'httpGet'])).toEqual({
      port: 'metrics',
      path: '/healthz',
    });
    expect(listOf(container['volumeMounts'])).toContainEqual({
      name: 'client-ca',
      mountPath: '/etc/bucketwarden/client-ca',
      readOnly: true,
    });
    expect(listOf(pod['volumes'])).toContainEqual({
      name: 'client-ca',
      configMap: { name: 'bucketwarden-client-ca' },
    });
  });

  describe('builds the example overlay', () => {
    const overlay = absent ? [] : build('overlays/example');
    const file = new URL('overlays/example/config.yaml', manifests);
    const text = readFileSync(file, 'utf8');
    const ruleIds = new Set(rules.map(({ id }) => id));
    const { settings } = loadPolicy(
      { config: { file: 'config.yaml', text }, tenants: [] },
      ruleIds,
    );
    const { config } = settings;

    it('with its own config in place of the base', () => {
      const configMap = objectOf(overlay, 'ConfigMap');
      expect(configMap['data']).toEqual({ 'config.yaml': text });
      expect(valueAt(configMap, ['metadata', 'labels'])).toEqual(installation.labels);
    });

    it('with its own image, of this version', () => {
      expect(
        valueAt(objectOf(overlay, 'Deployment'), [
          'spec',
          'template',
          'spec',
          'containers',
          0,
          'image',
        ]),
      ).toBe(`registry.example.com/platform/bucketwarden:${packageJson.version}`);
    });

    it('with the registration that its config makes, all of it failing open', () => {
      const service = { ...installation, port: 443 };
      const { mutating, validating } = buildRegistration({ rules, mutations }, config, { service });
      const expected = [...mutating.webhooks, ...validating.webhooks].map((entry) => ({
        ...entry,
        failurePolicy: 'Ignore',
      }));
      const built = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']
        .flatMap((kind) => listOf(objectOf(overlay, kind)['webhooks']))
        .map(recordOf);
      expect(byName(built)).toEqual(byName(expected));
    });

    it('with every rule that has no say on tenants themselves only warning', () => {
      const denying = rules.filter(({ id }) => config.rules[id]?.[0] !== 'Warn');
      expect(denying.map(({ id }) => id)).toEqual(['storage-tenant']);
    });
  });
});

function build(folder: string): readonly JsonRecord[] {
  return buildAt(new URL(folder, manifests).pathname);
}

/** The example overlay with one of its files that are not used by default. */
function buildWith(file: string, target?: JsonRecord): readonly JsonRecord[] {
  const folder = temporaryDirectory();
  const example = new URL('overlays/example', manifests).pathname;
  copyFileSync(join(example, file), join(folder, file));
  const kustomization = {
    resources: [relative(realpathSync(folder), example)],
    patches: [{ path: file, ...(target && { target }) }],
  };
  writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization));
  return buildAt(folder);
}

function buildAt(folder: string): readonly JsonRecord[] {
  const { stdout, stderr, status } = spawnSync(kubectl, ['kustomize', folder], {
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return parseDocuments(stdout);
}

function titleOf(object: JsonRecord): string {
  return `${String(object['kind'])} ${nameOf(object)}`;
}

function byName(entries: readonly object[]): ReadonlyMap<unknown, object> {
  return new Map(entries.map((entry) => [recordOf(entry)['name'], entry]));
}
