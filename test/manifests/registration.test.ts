import { describe, expect, it } from 'vitest';
import type { Operation } from '../../src/admission/review.ts';
import type { BucketwardenConfig } from '../../src/declaration/bucketwarden-config.ts';
import { buildStorageTenantCrd } from '../../src/manifests/crd.ts';
import { defaultConfig } from '../../src/declaration/load.ts';
import { mutations } from '../../src/inject/mutations.ts';
import type { WebhookEntry } from '../../src/manifests/webhook-configuration.ts';
import { buildRegistration, type Registration } from '../../src/manifests/webhook-registration.ts';
import { matchesOf, type Matching } from '../../src/manifests/webhook-rules.ts';
import { rules } from '../../src/rules/index.ts';
import { crdsOf, testCrds } from './custom-resources.ts';

const service = { namespace: 'bucketwarden-system', name: 'bucketwarden', port: 443 };
const config: BucketwardenConfig = {
  ...defaultConfig(),
  infrastructureNamespaces: ['dns', 'cert-manager', 'storage'],
};
const registration = buildRegistration({ rules, mutations }, config, { service });
const entries = [...registration.mutating.webhooks, ...registration.validating.webhooks];

/** Plural names and scopes of the built-in kinds, as `kubectl api-resources` prints them. */
const builtIn: ReadonlyMap<string, 'Cluster' | 'Namespaced'> = new Map([
  ['/namespaces', 'Cluster'],
  ['/namespaces/finalize', 'Cluster'],
  ['/namespaces/status', 'Cluster'],
  ['/pods', 'Namespaced'],
  ['/podtemplates', 'Namespaced'],
  ['/replicationcontrollers', 'Namespaced'],
  ['/pods/ephemeralcontainers', 'Namespaced'],
  ['/pods/status', 'Namespaced'],
  ['apps/daemonsets', 'Namespaced'],
  ['apps/deployments', 'Namespaced'],
  ['apps/replicasets', 'Namespaced'],
  ['apps/statefulsets', 'Namespaced'],
  ['batch/cronjobs', 'Namespaced'],
  ['batch/jobs', 'Namespaced'],
]);

/** The entry that alone answers for a resource, whatever the class of its namespace. */
function ownEntry(resource: string): string | undefined {
  if (resource === 'storagetenants') return 'validate-tenants.bucketwarden.io Fail';
  if (/^namespaces(\/|$)/.test(resource)) return 'validate-namespace-labels.bucketwarden.io Fail';
  if (resource === 'pods/status') return 'validate-pod-status.bucketwarden.io Fail';
  return undefined;
}

describe('what the API server sends', () => {
  it.each(addresses(rules))(
    'has $operation of $group/$resource judged, and waits for it',
    (one) => {
      expect(answering(registration, one, 'payments').filter(isValidating)).toEqual([
        ownEntry(one.resource) ?? 'validate.bucketwarden.io Fail',
      ]);
    },
  );

  it.each(named(mutations))('has %s completed', (_, one) => {
    expect(answering(registration, one, 'payments')).toContain('mutate.bucketwarden.io Ignore');
  });

  it.each(['kube-system', 'bucketwarden-system', 'istio-system', 'storage'])(
    'is nothing from namespace %s, exempt or platform',
    (namespace) => {
      for (const one of addresses([...rules, ...mutations]).filter(isNamespaced)) {
        expect(answering(registration, one, namespace)).toEqual([]);
      }
    },
  );

  it.each(['dns', 'cert-manager'])(
    'is judged but not waited for in infrastructure namespace %s',
    (namespace) => {
      for (const one of addresses(rules).filter(isJudgedEverywhere)) {
        expect(answering(registration, one, namespace)).toEqual([
          'validate-infrastructure.bucketwarden.io Ignore',
        ]);
      }
    },
  );

  it('is nothing that no rule and no mutation matches', () => {
    const wanted = new Set(addresses([...rules, ...mutations]).map(textOfAddress));
    const sent = entries.flatMap((entry) =>
      entry.rules.flatMap(({ apiGroups: [group], resources, operations }) =>
        resources.flatMap((resource) =>
          operations.map((operation) => textOfAddress({ group, resource, operation })),
        ),
      ),
    );
    expect([...new Set(sent)].sort()).toEqual([...wanted].sort());
  });

  it('never comes from our own namespace, whatever the config says', () => {
    const elsewhere = buildRegistration(
      { rules, mutations },
      { ...defaultConfig(), exemptNamespaces: [], infrastructureNamespaces: ['guard'] },
      { service: { ...service, namespace: 'guard' } },
    );
    for (const one of addresses([...rules, ...mutations]).filter(isNamespaced)) {
      expect(answering(elsewhere, one, 'guard')).toEqual([]);
    }
  });

  it('names only resources that exist in Kubernetes, Istio or our own CRD', (test) => {
    const crds = testCrds('istio.yaml');
    if (crds.kind === 'missing') return test.skip(crds.reason);
    const known = new Map([...crds.crds, ...crdsOf([buildStorageTenantCrd()])]);
    for (const entry of entries) {
      for (const {
        apiGroups: [group],
        resources,
        scope,
      } of entry.rules) {
        for (const resource of resources) {
          const address = `${group}/${resource}`;
          const builtInScope = builtIn.get(address);
          const found = builtInScope ? { scope: builtInScope, served: ['v1'] } : known.get(address);
          expect(found?.scope, address).toBe(scope);
          expect(found?.served, address).not.toEqual([]);
        }
      }
    }
    return undefined;
  });
});

describe('the configurations', () => {
  it('come before the sidecar injector, so that it sees the containers as we leave them', () => {
    const { mutating, validating } = registration;
    const names = ['istio-sidecar-injector', mutating.metadata.name].sort();
    expect(names).toEqual(['bucketwarden', 'istio-sidecar-injector']);
    expect(validating.metadata.name).toBe('bucketwarden');
  });

  it('hold these entries', () => {
    const summary = entries.map(({ name, clientConfig, failurePolicy, namespaceSelector }) => ({
      name,
      path: clientConfig.service.path,
      failurePolicy,
      namespaces: namespaceSelector?.matchExpressions,
    }));
    const key = 'kubernetes.io/metadata.name';
    const workloads = [
      {
        key,
        operator: 'NotIn',
        values: [
          'bucketwarden-system',
          'cert-manager',
          'dns',
          'istio-system',
          'kube-system',
          'storage',
        ],
      },
    ];
    expect(summary).toEqual([
      {
        name: 'mutate.bucketwarden.io',
        path: '/mutate',
        failurePolicy: 'Ignore',
        namespaces: workloads,
      },
      {
        name: 'validate.bucketwarden.io',
        path: '/validate',
        failurePolicy: 'Fail',
        namespaces: workloads,
      },
      {
        name: 'validate-infrastructure.bucketwarden.io',
        path: '/validate',
        failurePolicy: 'Ignore',
        namespaces: [{ key, operator: 'In', values: ['cert-manager', 'dns'] }],
      },
      {
        name: 'validate-tenants.bucketwarden.io',
        path: '/validate',
        failurePolicy: 'Fail',
        namespaces: undefined,
      },
      {
        name: 'validate-pod-status.bucketwarden.io',
        path: '/validate',
        failurePolicy: 'Fail',
        namespaces: workloads,
      },
      {
        name: 'validate-namespace-labels.bucketwarden.io',
        path: '/validate',
        failurePolicy: 'Fail',
        namespaces: undefined,
      },
    ]);
  });

  it('have no entry for infrastructure when there is none', () => {
    const { validating } = buildRegistration({ rules, mutations }, defaultConfig(), { service });
    expect(validating.webhooks.map(({ name }) => name)).toEqual([
      'validate.bucketwarden.io',
      'validate-tenants.bucketwarden.io',
      'validate-pod-status.bucketwarden.io',
      'validate-namespace-labels.bucketwarden.io',
    ]);
  });

  it('send the custom kinds of the config wherever workloads are judged', () => {
    const template = { apiVersion: 'a.example.com/v1', kind: 'App', podSpec: 'spec' };
    const { detection } = defaultConfig();
    const given = { ...config, detection: { ...detection, templates: [template] } };
    const withIt = buildRegistration({ rules, mutations }, given, { service });
    const names = [...withIt.mutating.webhooks, ...withIt.validating.webhooks]
      .filter((entry) => entry.rules.some(({ resources }) => resources.includes('apps')))
      .map(({ name }) => name);
    expect(names).toEqual(['validate.bucketwarden.io', 'validate-infrastructure.bucketwarden.io']);
  });

  it('have conditions in the entries of what the API server picks out, and nowhere else', () => {
    const selections = rules
      .flatMap(({ subject }) => subject.match)
      .flatMap(({ entry }) => (entry === undefined ? [] : [entry]));
    const expected = new Map(
      selections.map(({ name, conditions }) => [`validate-${name}.bucketwarden.io`, conditions]),
    );
    expect([...expected.keys()].sort()).toEqual([
      'validate-namespace-labels.bucketwarden.io',
      'validate-pod-status.bucketwarden.io',
    ]);
    for (const { name, matchConditions } of entries) {
      expect(matchConditions).toEqual(expected.get(name));
    }
  });

  it.each(entries)(
    '$name has no side effects, answers v1 within 5 s, takes every version',
    (entry) => {
      expect(entry).toMatchObject({
        sideEffects: 'None',
        matchPolicy: 'Equivalent',
        admissionReviewVersions: ['v1'],
      });
      expect(entry.timeoutSeconds).toBeLessThanOrEqual(5);
      for (const { apiVersions } of entry.rules) expect(apiVersions).toEqual(['*']);
    },
  );

  it('have only the mutating entry called again after other webhooks', () => {
    expect(entries.map(({ reinvocationPolicy }) => reinvocationPolicy)).toEqual([
      'IfNeeded',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('carry a caBundle in every entry when one is given, and otherwise leave it to `certs --install`', () => {
    const given = buildRegistration({ rules, mutations }, config, { service, caBundle: 'Q0E=' });
    for (const entry of [...given.mutating.webhooks, ...given.validating.webhooks]) {
      expect(entry.clientConfig.caBundle).toBe('Q0E=');
    }
    for (const entry of entries) expect(entry.clientConfig).not.toHaveProperty('caBundle');
  });
});

interface Address {
  readonly group: string;
  readonly resource: string;
  readonly operation: Operation;
}

/** Every combination that some rule or mutation matches, once. */
function addresses(matching: readonly Matching[]): readonly Address[] {
  const all = matchesOf(matching).flatMap(({ group, resources, operations }) =>
    resources.flatMap((resource) =>
      operations.map((operation) => ({ group, resource, operation })),
    ),
  );
  return [...new Map(all.map((address) => [textOfAddress(address), address])).values()];
}

/** The same, with what a test's title calls it. */
function named(matching: readonly Matching[]): readonly [title: string, address: Address][] {
  return addresses(matching).map((address) => [textOfAddress(address), address]);
}

/** Which entries the API server would call, as it decides it itself. */
function answering(
  { mutating, validating }: Registration,
  address: Address,
  namespace: string,
): string[] {
  return [...mutating.webhooks, ...validating.webhooks]
    .filter((entry) => matchesRules(entry, address))
    .filter((entry) => !isNamespaced(address) || matchesNamespace(entry, namespace))
    .map(({ name, failurePolicy }) => `${name} ${failurePolicy}`);
}

function matchesRules(entry: WebhookEntry, { group, resource, operation }: Address): boolean {
  const scope = isNamespaced({ resource }) ? 'Namespaced' : 'Cluster';
  return entry.rules.some(
    (rule) =>
      rule.scope === scope &&
      rule.apiGroups.includes(group) &&
      rule.resources.includes(resource) &&
      rule.operations.includes(operation),
  );
}

function matchesNamespace({ namespaceSelector }: WebhookEntry, namespace: string): boolean {
  return (namespaceSelector?.matchExpressions ?? []).every(
    ({ operator, values }) => values.includes(namespace) === (operator === 'In'),
  );
}

function isNamespaced({ resource }: { readonly resource: string }): boolean {
  return resource !== 'storagetenants' && !/^namespaces(\/|$)/.test(resource);
}

/** Identities are for tenants' pods only, so their status is nobody's business elsewhere. */
function isJudgedEverywhere(address: Address): boolean {
  return isNamespaced(address) && address.resource !== 'pods/status';
}

function isValidating(entry: string): boolean {
  return entry.startsWith('validate');
}

function textOfAddress({ group, resource, operation }: Address): string {
  return `${operation} ${group}/${resource}`;
}
