import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { listOf, recordOf, valueAt, type JsonRecord } from '../../src/admission/json.ts';
import { loadPolicy } from '../../src/engine/load-policy.ts';
import { mutations } from '../../src/inject/mutations.ts';
import { buildRegistration } from '../../src/manifests/webhook-registration.ts';
import { installation } from '../../src/names.ts';
import { rules } from '../../src/rules/index.ts';
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
  const { stdout, stderr, status } = spawnSync(
    kubectl,
    ['kustomize', new URL(folder, manifests).pathname],
    { encoding: 'utf8' },
  );
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return parseDocuments(stdout);
}

function titleOf(object: JsonRecord): string {
  return `${String(object['kind'])} ${nameOf(object)}`;
}

function byName(entries: readonly object[]): ReadonlyMap<unknown, object> {
  return new Map(entries.map((entry) => [recordOf(entry)['name'], entry]));
}
