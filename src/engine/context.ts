import type { JsonRecord } from '../admission/json.ts';
import { ownValue, recordOf, textOf } from '../admission/json.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import type { AttestationAuthority } from '../identity/attestation-authority.ts';
import { agreesWith, type AttestationVerdict, type PodIdentity } from '../identity/pod-identity.ts';
import { limits } from '../limits.ts';
import { annotations } from '../names.ts';
import { readPublishedObject } from '../objects/istio/published-object.ts';
import { isClusterScoped } from '../objects/kinds.ts';
import type { Review } from '../rules/rule.ts';
import { classOf } from '../settings/settings.ts';
import { hasAnyGrant } from '../tenant/ask-bucket.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { World } from '../tenant/world.ts';
import { containersOf } from '../objects/workload/containers.ts';
import { meshContainerTest } from '../objects/workload/mesh-containers.ts';
import {
  annotationOf,
  findWorkload,
  serviceAccountOf,
  type Workload,
} from '../objects/workload/pod-template.ts';
import { hasSeen } from './seen-states.ts';
import type { PolicyState } from './state.ts';

/** What the engine is given besides the request; the only way to the world outside it. */
export interface Surroundings {
  readonly state: PolicyState;
  readonly attestor: AttestationAuthority;
  readonly ruleIds: ReadonlySet<string>;
  readonly now: () => Date;
  readonly namespaces?: World['namespaces'];
  /**
   * Reads tenants and config again, where there is something to read, and returns what is known then.
   * @throws UnknownAnswerError when they cannot be read
   */
  readonly readAnew?: () => Promise<Surroundings>;
}

/**
 * Collects what rules and injection look at. Waits at most for one signature or verification; a busy
 * account's are in memory and nothing waits.
 */
export async function prepareReview(
  request: AdmissionRequest,
  surroundings: Surroundings,
): Promise<Review> {
  const { state, attestor } = surroundings;
  const object = request.object ?? request.oldObject ?? {};
  const workload = findWorkload(object, request.kind, state.settings.detection.podSpecPaths);
  const tenant = tenantOf(request, state);
  const jws = workload && annotationOf(workload, annotations.attestation);
  const verdict =
    tenant === undefined
      ? undefined
      : (attestor.recallVerdict(jws) ?? (await attestor.verify(jws)));
  const identity = podIdentity(request, { workload, tenant, verdict, surroundings });
  return reviewOf(request, { object, workload, tenant, identity, surroundings });
}

/** Tenancy comes from the request's namespace alone: no label, annotation or user moves it. */
function tenantOf(
  request: AdmissionRequest,
  { settings, tenants }: PolicyState,
): Tenant | undefined {
  const namespace = namespaceOf(request);
  const namespaceClass = classOf(settings, namespace);
  return namespaceClass === 'workload' ? tenants.tenantOf(namespace) : undefined;
}

/** Where the object is; a Namespace is in none, though the API server gives its own name. */
function namespaceOf({ kind, namespace }: AdmissionRequest): string {
  return isClusterScoped(kind) ? '' : namespace;
}

function reviewOf(
  request: AdmissionRequest,
  given: {
    readonly object: JsonRecord;
    readonly workload: Workload | undefined;
    readonly tenant: Tenant | undefined;
    readonly identity: PodIdentity | undefined;
    readonly surroundings: Surroundings;
  },
): Review {
  const { object, workload, tenant, identity } = given;
  const { state, ruleIds, namespaces } = given.surroundings;
  const { tenants, settings } = state;
  return {
    object,
    oldObject: request.oldObject,
    kind: request.kind,
    operation: request.operation,
    namespace: namespaceOf(request),
    name: nameOf(request),
    workload,
    published: readPublishedObject(object, { kind: request.kind, namespace: request.namespace }),
    identity,
    world: { tenant, tenants, settings, ruleIds, namespaces },
  };
}

function podIdentity(
  request: AdmissionRequest,
  given: {
    readonly workload: Workload | undefined;
    readonly tenant: Tenant | undefined;
    readonly verdict: AttestationVerdict | undefined;
    readonly surroundings: Surroundings;
  },
): PodIdentity | undefined {
  const { workload, tenant, verdict, surroundings } = given;
  if (workload === undefined || tenant === undefined || verdict === undefined) return undefined;
  const account = { namespace: request.namespace, name: serviceAccountOf(workload) };
  const isWindows = runsOnWindows(workload);
  const current = surroundings.state.identityOf(tenant, account, isWindows);
  const now = surroundings.now();
  const earlier = surroundings.state.earlierIdentityOf(tenant, account, { isWindows, now });
  const accepted: PodIdentity['accepted'] = earlier ? [current, earlier] : [current];
  const mayCarry = isToCarry(workload, tenant);
  return {
    accepted,
    verdict,
    isFromKnownState: isFromKnownState(verdict, { accepted, state: surroundings.state }),
    mayCarry: mayCarry || verdict.kind !== 'absent',
    mustCarry: mayCarry && isToCarryNow(request, { workload, surroundings }),
  };
}

/** Of the same declaration only the grants can be news: another tenant may share a bucket with it. */
function isFromKnownState(
  verdict: AttestationVerdict,
  { accepted, state }: { readonly accepted: PodIdentity['accepted']; readonly state: PolicyState },
): boolean {
  if (verdict.kind !== 'signed') return true;
  const { claims } = verdict;
  if (accepted.some((identity) => agreesWith(claims, identity.claims))) return true;
  const [current] = accepted;
  const hasOtherGrants =
    claims.generation === current.claims.generation && claims.grants !== current.claims.grants;
  return hasSeen(state.seen, claims) && !hasOtherGrants;
}

/** docs/how-it-works.md, "Who gets an identity". */
function isToCarry(workload: Workload, tenant: Tenant): boolean {
  if (tenant.identity === 'Never') return false;
  const asks = annotationOf(workload, annotations.buckets) !== undefined;
  if (tenant.identity === 'OnRequest' && !asks) return false;
  return hasAnyGrant(tenant, serviceAccountOf(workload));
}

/** Templates get theirs as pods; a node's mirror pods and pods of the mesh alone get none. */
function isToCarryNow(
  request: AdmissionRequest,
  { workload, surroundings }: { readonly workload: Workload; readonly surroundings: Surroundings },
): boolean {
  if (!workload.isPod || isMirrorPod(request, workload)) return false;
  const isMesh = meshContainerTest(workload, surroundings.state.settings.config.mesh.proxyImages);
  return containersOf(workload, ['initContainers', 'containers']).some((one) => !isMesh(one));
}

/** A node's copy of a static pod. The annotation alone is anybody's; only the node itself is believed. */
function isMirrorPod({ userInfo }: AdmissionRequest, workload: Workload): boolean {
  const nodeName = textOf(workload.spec['nodeName']);
  return (
    nodeName !== undefined &&
    annotationOf(workload, 'kubernetes.io/config.mirror') !== undefined &&
    userInfo.username === `system:node:${nodeName}`
  );
}

function runsOnWindows({ spec }: Workload): boolean {
  const os = textOf(recordOf(spec['os'])['name']);
  const selector = recordOf(spec['nodeSelector']);
  return os === 'windows' || ownValue(selector, 'kubernetes.io/os') === 'windows';
}

/** The object's name, or its generateName with a star, which is all that is known before it has one. */
export function nameOf({ name, object }: AdmissionRequest): string {
  if (name !== '') return name;
  const metadata = recordOf(object?.['metadata']);
  const own = textOf(metadata['name']);
  if (own !== undefined && own !== '') return own.slice(0, limits.maxNameCharacters);
  const generated = textOf(metadata['generateName'])?.slice(0, limits.maxNameCharacters);
  return generated === undefined ? '' : `${generated}*`;
}
