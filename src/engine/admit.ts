import type { PatchOperation } from '../admission/json-patch.ts';
import { isRecord } from '../admission/json.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import { sameClaims } from '../identity/pod-identity.ts';
import type { Mutation } from '../inject/mutation.ts';
import type { Review, Rule } from '../rules/rule.ts';
import type { RuleRegistry } from './registry.ts';
import { classOf } from '../settings/settings.ts';
import { prepareReview, type Surroundings } from './context.ts';
import { allowed, decide, refusal, type Decision } from './decide.ts';
import { findLongList } from './long-lists.ts';
import { evaluate } from './evaluate.ts';
import { readAnewIfBehind } from './read-anew.ts';
import { decideTooManyContainers } from './too-many-containers.ts';

/** The answer to one request and the tenant it was given for. */
export interface Admission {
  readonly decision: Decision;
  readonly patch: readonly PatchOperation[];
  /** "" outside tenants. */
  readonly tenant: string;
}

/** What `admit` and `mutate` work with. */
export interface Engine {
  readonly surroundings: Surroundings;
  readonly registry: RuleRegistry;
  readonly mutations: readonly Mutation[];
}

/**
 * /validate: judges the object as it would be stored.
 * @param checkTime called between rules; throws when nobody waits for the answer any more
 * @throws UnknownAnswerError when this replica knows too little to deny or allow it
 */
export async function admit(
  request: AdmissionRequest,
  engine: Engine,
  checkTime: () => void = noHurry,
): Promise<Admission> {
  const rules = rulesFor(request, engine);
  if (rules === undefined) return refused(request);
  if (rules.length === 0) return passing;
  const decided = decideTooManyContainers(request, engine.surroundings.state);
  if (decided !== undefined) return { ...passing, decision: decided };
  const tooLong = findLongList(request, engine.surroundings.state);
  if (tooLong !== undefined) return { ...passing, decision: refusal(tooLong) };
  const review = await prepareReview(request, engine.surroundings);
  const findings = evaluate(rules, review, checkTime);
  const decision = decide(findings, { review, now: engine.surroundings.now() });
  const anew = decision.allowed ? undefined : await readAnewIfBehind(review, engine.surroundings);
  if (anew !== undefined) return admit(request, { ...engine, surroundings: anew }, checkTime);
  return { decision, patch: [], tenant: review.world.tenant?.name ?? '' };
}

/** False for objects that no rule is about, and for those in a namespace where nothing is judged. */
export function isJudged(request: AdmissionRequest, engine: Engine): boolean {
  const rules = rulesFor(request, engine);
  return rules !== undefined && (rules.length > 0 || !isInQuietNamespace(request, engine));
}

function noHurry(): void {
  // Objects from files have no deadline.
}

/** /mutate: what should be changed before the object is judged. Never denies. */
export async function mutate(request: AdmissionRequest, engine: Engine): Promise<Admission> {
  const mutations = engine.mutations.filter((mutation) => matches(mutation, request));
  if (mutations.length === 0 || !isRecord(request.object?.['metadata'])) return passing;
  if (decideTooManyContainers(request, engine.surroundings.state) !== undefined) return passing;
  if (findLongList(request, engine.surroundings.state) !== undefined) return passing;
  const review = await prepareReview(request, engine.surroundings);
  const attestation = await attestationFor(review, engine.surroundings);
  const patch = mutations.flatMap((mutation) => mutation.mutate({ review, attestation }));
  return { decision: allowed, patch, tenant: review.world.tenant?.name ?? '' };
}

const passing: Admission = Object.freeze({ decision: allowed, patch: [], tenant: '' });

/** A valid attestation is kept, whichever replica signed it; otherwise this one signs. */
async function attestationFor(
  { identity, workload }: Review,
  { attestor }: Surroundings,
): Promise<string | undefined> {
  if (identity?.mustCarry !== true || workload === undefined) return undefined;
  const { verdict, accepted } = identity;
  const [{ claims }] = accepted;
  if (verdict.kind === 'signed' && sameClaims(verdict.claims, claims)) return undefined;
  return attestor.recall(claims) ?? (await attestor.sign(claims));
}

function matches(
  { match }: Mutation,
  { resource, subResource, operation }: AdmissionRequest,
): boolean {
  return (
    subResource === '' &&
    match.some(
      ({ group, resources, operations }) =>
        group === resource.group &&
        resources.includes(resource.resource) &&
        operations.includes(operation),
    )
  );
}

/**
 * The rules for a request: none in exempt namespaces, in those of the store and the mesh only those that
 * say so, and for a custom kind with a pod template those about workloads. Undefined for kinds that no
 * rule is about.
 */
function rulesFor(request: AdmissionRequest, engine: Engine): readonly Rule[] | undefined {
  const { surroundings, registry } = engine;
  const found = registry.rulesFor(request);
  const rules = found === 'unregistered' ? templateRules(request, engine) : found;
  const namespaceClass = classOf(surroundings.state.settings, request.namespace);
  if (namespaceClass === 'exempt') return [];
  if (namespaceClass !== 'platform') return rules;
  return (rules ?? []).filter(({ subject }) => subject.isInPlatform);
}

function templateRules(
  { kind: { group, version, kind }, operation }: AdmissionRequest,
  { surroundings, registry }: Engine,
): readonly Rule[] | undefined {
  const { podSpecPaths } = surroundings.state.settings.detection;
  if (!podSpecPaths.has(`${group}/${version}/${kind}`)) return undefined;
  return operation === 'CREATE' || operation === 'UPDATE' ? registry.templateRules : [];
}

function isInQuietNamespace(request: AdmissionRequest, { surroundings }: Engine): boolean {
  const namespaceClass = classOf(surroundings.state.settings, request.namespace);
  return namespaceClass === 'exempt' || namespaceClass === 'platform';
}

/** The registration sends only what we judge; anything else is a mistake in it, and fails closed. */
function refused({ kind, resource, subResource }: AdmissionRequest): Admission {
  const what = subResource === '' ? resource.resource : `${resource.resource}/${subResource}`;
  const message =
    `Bucketwarden has no rule for ${kind.kind} (${what} of group "${resource.group}"); ` +
    'remove that resource from the webhook configuration';
  return { ...passing, decision: refusal(message) };
}
