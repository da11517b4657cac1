import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import { aConfig, anEngine, aRequest, aTenant } from '../builders.ts';
import { messageFor } from './questions.ts';

const fix = 'Ask the platform team, who may update StorageTenants, to do it';

function aNamespace(name: string, labels: JsonRecord = {}): JsonRecord {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** As the API server sends it: the namespace of a Namespace is its own name. */
function creation(name: string): AdmissionRequest {
  return aRequest({ object: aNamespace(name), namespace: name });
}

function relabelling(before: JsonRecord, after: JsonRecord, subResource = ''): AdmissionRequest {
  return aRequest({
    object: aNamespace('payments', after),
    oldObject: aNamespace('payments', before),
    namespace: 'payments',
    subResource,
  });
}

describe('creating a namespace', () => {
  it('is denied when a tenant lists it, without a word about the tenant', async () => {
    expect(await messageFor(creation('payments'))).toBe(
      'Namespace "payments" breaks a rule:\n' +
        `- [namespace-labels] metadata.name: namespace "payments" is reserved by a StorageTenant. ${fix}`,
    );
  });

  it('is denied when two tenants list it', async () => {
    const tenants = ['one', 'two'].map((name) => aTenant({ name, namespaces: [name, 'both'] }));
    expect(await messageFor(creation('both'), anEngine({ tenants }))).toContain('is reserved by a');
  });

  it.each(['payments-2', 'kube-system', 'istio-system'])('is allowed for %s', async (name) => {
    expect(await messageFor(creation(name))).toBe('');
  });

  it('is allowed for namespaces that are no longer for tenants', async () => {
    for (const list of ['exemptNamespaces', 'infrastructureNamespaces']) {
      const engine = anEngine({ config: aConfig({ [list]: ['payments'] }) });
      expect(await messageFor(creation('payments'), engine)).toBe('');
    }
  });
});

describe('changing the labels of a namespace', () => {
  it.each([
    'istio-injection',
    'istio.io/rev',
    'istio.io/dataplane-mode',
    'istio.io/use-waypoint',
    'istio.io/use-waypoint-namespace',
    'istio.io/ingress-use-waypoint',
    'topology.istio.io/network',
    'label.of.a.later-release.istio.io/anything',
  ])('is denied for %s', async (key) => {
    expect(await messageFor(relabelling({}, { [key]: 'x' }))).toContain(
      `the mesh's label is set to "x". ${fix}`,
    );
    expect(await messageFor(relabelling({ [key]: 'x' }, {}))).toContain(
      'the mesh\'s label is removed (it was "x")',
    );
    expect(await messageFor(relabelling({ [key]: 'x' }, { [key]: '' }))).toContain(
      'the mesh\'s label is changed from "x" to ""',
    );
  });

  it.each(['status', 'finalize'])('is denied through %s', async (subResource) => {
    const message = await messageFor(
      relabelling({ 'istio-injection': 'enabled' }, { 'istio-injection': 'disabled' }, subResource),
    );
    expect(message).toBe(
      'Namespace "payments" breaks a rule:\n' +
        `- [namespace-labels] metadata.labels.istio-injection: the mesh's label is changed from "enabled" to "disabled". ${fix}`,
    );
  });

  it.each(['team', 'example.com/istio-injection', 'myistio.io/rev', 'istio.io.example.com/rev'])(
    'is allowed for %s',
    async (key) => {
      expect(await messageFor(relabelling({}, { [key]: 'x' }))).toBe('');
      expect(await messageFor(relabelling({ [key]: 'x' }, {}))).toBe('');
    },
  );
});
