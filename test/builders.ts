import { stringify } from 'yaml';
import { isRecord, recordOf, textOf, type JsonRecord } from '../src/admission/json.ts';
import type { AdmissionRequest } from '../src/admission/review.ts';
import type { BucketwardenConfig } from '../src/declaration/bucketwarden-config.ts';
import { compilePolicy } from '../src/engine/compiled-policy.ts';
import { limits } from '../src/limits.ts';
import { decodeTenant, loadConfig } from '../src/declaration/load.ts';
import type { StorageTenant } from '../src/declaration/storage-tenant.ts';
import type { Engine } from '../src/engine/admit.ts';
import { createPolicyState, type PolicyState } from '../src/engine/state.ts';
import { Attestor } from '../src/identity/attestation.ts';
import { createKeyRing, generateSigningKey } from '../src/identity/key-ring.ts';
import { mutations } from '../src/inject/mutations.ts';
import { rules } from '../src/rules/index.ts';
import { resourceOf } from '../src/objects/kinds.ts';
import { RuleRegistry } from '../src/engine/registry.ts';

/** One default object each; the argument changes it. Declarations pass through the real decoders. */

/** The day on which tests take place. */
export const today = new Date('2026-12-01T12:00:00Z');

/**
 * A request as the API server sends it for `object`: CREATE, or UPDATE where an `oldObject` is given.
 * Kind, resource, name and namespace follow from the object.
 */
export function aRequest(
  changes: Partial<AdmissionRequest> & { readonly object?: JsonRecord | undefined } = {},
): AdmissionRequest {
  const object = 'object' in changes ? changes.object : aPod();
  const shown = object ?? changes.oldObject ?? {};
  const metadata = recordOf(shown['metadata']);
  const kind = changes.kind ?? kindOf(shown);
  return {
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    kind,
    resource: { group: kind.group, version: kind.version, resource: resourceOf(kind) ?? 'unknown' },
    subResource: '',
    name: textOf(metadata['name']) ?? '',
    namespace: textOf(metadata['namespace']) ?? '',
    operation: changes.oldObject === undefined ? 'CREATE' : 'UPDATE',
    userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller', groups: [] },
    oldObject: undefined,
    dryRun: false,
    ...changes,
    object,
  };
}

/** Pod "payments/report" of account "ledger-writer" with one container. */
export function aPod({
  metadata = {},
  spec = {},
}: { readonly metadata?: JsonRecord; readonly spec?: JsonRecord } = {}): JsonRecord {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'report', namespace: 'payments', ...metadata },
    spec: {
      serviceAccountName: 'ledger-writer',
      containers: [{ name: 'report', image: 'report:1' }],
      ...spec,
    },
  };
}

/** The same pod with these members in its only container. */
export function aPodWith(container: JsonRecord): JsonRecord {
  return aPod({ spec: { containers: [{ name: 'report', image: 'report:1', ...container }] } });
}

/**
 * Tenant "payments" with one namespace, one bucket and one host.
 * @throws Error when the declaration is not valid
 */
export function aTenant({
  name = 'payments',
  ...spec
}: { readonly name?: string; readonly [field: string]: unknown } = {}): StorageTenant {
  const { declaration, problems } = decodeTenant({
    apiVersion: 'bucketwarden.io/v1alpha1',
    kind: 'StorageTenant',
    metadata: { name },
    spec: {
      namespaces: [name],
      buckets: [{ name: `${name}-ledger` }],
      egress: { hosts: [`api.${name}.example.com`] },
      ...spec,
    },
  });
  if (declaration === undefined) throw new Error(JSON.stringify(problems));
  return declaration;
}

/** The defaults, with these sections of a BucketwardenConfig. */
export function aConfig(sections: JsonRecord = {}): BucketwardenConfig {
  const file = { apiVersion: 'bucketwarden.io/v1alpha1', kind: 'BucketwardenConfig', ...sections };
  return loadConfig('test', stringify(file));
}

/** Keys made once per test file; the second pair is nobody's. */
const ring = await createKeyRing([await generateSigningKey()]);
const foreignRing = await createKeyRing([await generateSigningKey()]);

/** Signs as Bucketwarden does, but with a key that no engine of these tests knows. */
export function aForger(): Attestor {
  return new Attestor(foreignRing, { now: () => today, cacheSize: 10 });
}

/** An engine over the default tenant and config; `replaced` is the policy it had until `since`. */
export function anEngine({
  tenants = [aTenant()],
  config = aConfig(),
  now = (): Date => today,
  replaced,
}: {
  readonly tenants?: readonly StorageTenant[];
  readonly config?: BucketwardenConfig;
  readonly now?: () => Date;
  readonly replaced?: { readonly state: PolicyState; readonly now: Date };
} = {}): Engine {
  const registry = new RuleRegistry(rules);
  const state = createPolicyState(compilePolicy({ config, tenants }), replaced);
  const attestor = new Attestor(ring, { now, cacheSize: limits.maxCachedIdentities });
  return { surroundings: { state, attestor, ruleIds: registry.ids, now }, registry, mutations };
}

function kindOf(object: JsonRecord): AdmissionRequest['kind'] {
  const apiVersion = textOf(object['apiVersion']) ?? 'v1';
  const slash = apiVersion.indexOf('/');
  return {
    group: slash === -1 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind: textOf(object['kind']) ?? 'Pod',
  };
}

/** The member of an object as a record, for looking into results. */
export function recordAt(value: unknown, ...keys: readonly (string | number)[]): JsonRecord {
  let found = value;
  for (const key of keys) {
    found = Array.isArray(found) && typeof key === 'number' ? found[key] : recordOf(found)[key];
  }
  if (!isRecord(found)) throw new Error(`nothing at ${keys.join('.')}`);
  return found;
}

/** Deployment "payments/report" whose only container has these members; templates need no identity. */
export function aDeployment(
  container: JsonRecord = {},
  { metadata = {}, template = {}, spec = {} }: { readonly [part: string]: JsonRecord } = {},
): JsonRecord {
  const podSpec = recordOf(aPodWith(container)['spec']);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'report', namespace: 'payments', ...metadata },
    spec: { template: { metadata: template, spec: podSpec }, ...spec },
  };
}

/** ServiceEntry "payments/entry" for these hosts, right in everything else. */
export function aServiceEntry(hosts: readonly string[], spec: JsonRecord = {}): JsonRecord {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: 'entry', namespace: 'payments' },
    spec: {
      hosts,
      exportTo: ['.'],
      location: 'MESH_EXTERNAL',
      resolution: 'DNS',
      ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
      ...spec,
    },
  };
}
