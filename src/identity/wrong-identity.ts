import { listOf, ownValue, recordOf } from '../admission/json.ts';
import { parseBucketRequests } from '../bucket/bucket-request.ts';
import { limits } from '../limits.ts';
import { annotations, identityVolume, ignoreEndpointsVariable } from '../names.ts';
import { askBucket } from '../tenant/ask-bucket.ts';
import type { TenantIndex } from '../tenant/tenant-index.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { containersOf, type Container } from '../objects/workload/containers.ts';
import { coversContent } from '../objects/workload/covers-content.ts';
import { annotationOf, serviceAccountOf, type Workload } from '../objects/workload/pod-template.ts';
import {
  isIdentityMount,
  isIdentityVolume,
  isInjectedMount,
  isInjectedVariable,
} from './identity-parts.ts';
import { compareVariable } from './compare-variable.ts';
import { quoted, valueText, type IdentityProblem } from './identity-problem.ts';
import { agreesWith, type AttestationVerdict, type PodIdentity } from './pod-identity.ts';
import type { StorageIdentity } from './storage-identity.ts';
import type { Variable } from './store-parts.ts';

/** Everything in a pod that claims to be its identity and is not. What is missing is not wrong. */
export function findWrongIdentity(
  workload: Workload,
  wanted: StorageIdentity,
  { verdict, mayCarry }: Pick<PodIdentity, 'verdict' | 'mayCarry'>,
): IdentityProblem[] {
  return [
    ...wrongAnnotations(workload, wanted),
    ...wrongAttestation(workload, wanted, verdict),
    ...wrongVolumes(workload, wanted),
    ...containersOf(workload).flatMap((one) => findWrongContent(one, wanted, mayCarry)),
  ];
}

/**
 * Variables and mounts of one container that contradict the identity.
 * @param mayCarry whether the pod may carry one; if not, its variables are the author's own
 */
export function findWrongContent(
  container: Container,
  wanted: StorageIdentity,
  mayCarry: boolean,
): IdentityProblem[] {
  const variables = mayCarry ? wrongVariables(container, wanted) : [];
  return [...variables, ...wrongMounts(container, wanted)];
}

/** The list may name only what is granted; what the pod requests of it may change with later patches. */
export function findWrongGrantedList(
  workload: Workload,
  tenant: Tenant,
  tenants: TenantIndex,
): IdentityProblem[] {
  const text = annotationOf(workload, annotations.grantedBuckets);
  if (text === undefined) return [];
  const path = [...workload.metadataPath, 'annotations', annotations.grantedBuckets];
  // Bucketwarden itself writes no longer list, and reading one takes its time.
  if (text.length > limits.maxGrantedBucketsBytes) {
    const reason = `is longer than ${limits.maxGrantedBucketsBytes} characters`;
    return [{ path, value: 'length', reason }];
  }
  const serviceAccount = serviceAccountOf(workload);
  const { requests, unreadable } = parseBucketRequests(text.replace(/,\+\d+ more$/, ''));
  const refused = requests.filter(
    ({ bucket, access }) =>
      askBucket(tenants, tenant, { bucket, access, serviceAccount }).kind === 'denied',
  );
  return [...refused.map(({ bucket }) => bucket), ...unreadable].map((entry) => ({
    path,
    value: entry,
    reason: `"${entry}" is not granted`,
  }));
}

function wrongAnnotations(workload: Workload, wanted: StorageIdentity): IdentityProblem[] {
  const path = [...workload.metadataPath, 'annotations'];
  const found = recordOf(workload.metadata['annotations']);
  return Object.entries(wanted.annotations).flatMap(([key, value]) => {
    const written = ownValue(found, key);
    if (written === undefined || written === value) return [];
    const reason = `${quoted(written)} is not the injected "${value}"`;
    return [{ path: [...path, key], value: valueText(written), reason }];
  });
}

function wrongAttestation(
  { metadataPath }: Workload,
  { claims }: StorageIdentity,
  verdict: AttestationVerdict,
): IdentityProblem[] {
  const path = [...metadataPath, 'annotations', annotations.attestation];
  switch (verdict.kind) {
    case 'absent':
      return [];
    case 'unknown-key':
    case 'forged':
      return [{ path, value: 'forged', reason: 'is not signed by a known key' }];
    case 'signed':
      if (agreesWith(verdict.claims, claims)) return [];
      return [{ path, value: 'foreign', reason: 'was signed for another identity' }];
    default:
      return verdict satisfies never;
  }
}

function wrongVolumes({ spec, specPath }: Workload, wanted: StorageIdentity): IdentityProblem[] {
  return listOf(spec['volumes']).flatMap((volume, index) => {
    if (!isIdentityVolume(volume) || coversContent(volume, wanted.volume)) return [];
    const reason = `volume "${identityVolume.name}" is not the injected one`;
    return [{ path: [...specPath, 'volumes', index], value: 'volume', reason }];
  });
}

function wrongVariables({ value, path }: Container, wanted: StorageIdentity): IdentityProblem[] {
  const variables = new Map(wanted.variables.map((variable) => [variable.name, variable]));
  return listOf(value['env']).flatMap((entry, index) => {
    const { name, value: written } = recordOf(entry);
    if (typeof name !== 'string') return [];
    if (name === ignoreEndpointsVariable && !isInjectedVariable(entry, 'false')) {
      const reason = `"${ignoreEndpointsVariable}" makes SDKs ignore the store's endpoint`;
      return [{ path: [...path, 'env', index, 'value'], value: valueText(written), reason }];
    }
    const expected = variables.get(name);
    const comparison = expected && compareVariable(entry, expected, wanted);
    if (expected === undefined || comparison === 'same') return [];
    const found = { path: [...path, 'env', index], value: `${name}=${valueText(written)}` };
    if (comparison === 'own-choice') return [{ ...found, ...ownRegion(expected, written) }];
    return [{ ...found, ...replacedVariable(expected, written) }];
  });
}

function replacedVariable(
  { name, value }: Variable,
  written: unknown,
): Pick<IdentityProblem, 'reason' | 'fix'> {
  return {
    reason: `variable "${name}" ${statedValue(written)}, but Bucketwarden injects "${value}"`,
    fix: 'Remove the variable',
  };
}

/** A URL may carry a password, which messages must not repeat. */
function statedValue(written: unknown): string {
  if (typeof written !== 'string') return 'comes from elsewhere';
  return written.includes('@') ? 'is set to another value' : `is set to ${quoted(written)}`;
}

function ownRegion(
  { name, value }: Variable,
  written: unknown,
): Pick<IdentityProblem, 'reason' | 'fix' | 'limit'> {
  const stated = typeof written === 'string' ? `is ${quoted(written)}` : 'comes from elsewhere';
  return {
    reason: `variable "${name}" ${stated}; the store's region is "${value}"`,
    fix: 'Leave it out if the program uses the store alone: a store with a region refuses other ones',
    limit: 'Warn',
  };
}

function wrongMounts({ value, path }: Container, wanted: StorageIdentity): IdentityProblem[] {
  return listOf(value['volumeMounts']).flatMap((mount, index) => {
    if (!isIdentityMount(mount) || isInjectedMount(mount, wanted.mount)) return [];
    const reason = `a mount of "${identityVolume.name}" or on its path is not the injected one`;
    return [{ path: [...path, 'volumeMounts', index], value: 'mount', reason }];
  });
}
