import type { PatchOperation } from '../admission/json-patch.ts';
import { isRecord, listOf, recordOf, type JsonRecord } from '../admission/json.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import { sameClaims } from '../identity/pod-identity.ts';
import { limits } from '../limits.ts';
import type { Mutation } from '../inject/mutation.ts';
import type { Rule, RuleInput } from '../rules/rule.ts';
import type { RuleRegistry } from './registry.ts';
import { classOf } from '../settings/settings.ts';
import { prepareInput, type Surroundings } from './context.ts';
import { allowed, decide, refusal, type Decision } from './decide.ts';
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
 * @throws UnknownAnswerError when this replica knows too little to deny or allow it
 */
export async function admit(request: AdmissionRequest, engine: Engine): Promise<Admission> {
  if (isInPassingNamespace(request, engine)) return passing;
  const rules = rulesFor(request, engine);
  if (rules === undefined) return refused(request);
  if (rules.length === 0) return passing;
  const decided = decideTooManyContainers(request, engine.surroundings.state);
  if (decided !== undefined) return { ...passing, decision: decided };
  const input = await prepareInput(request, engine.surroundings);
  const tooLong = input.workload === undefined ? findLongList(input.object) : undefined;
  if (tooLong !== undefined) return { ...passing, decision: refusal(tooLong) };
  const findings = evaluate(rules, input);
  const decision = decide(findings, { input, now: engine.surroundings.now() });
  const anew = decision.allowed ? undefined : await readAnewIfBehind(input, engine.surroundings);
  if (anew !== undefined) return admit(request, { ...engine, surroundings: anew });
  return { decision, patch: [], tenant: input.tenant?.name ?? '' };
}

/** False for objects that no rule is about, or that stand where nothing is judged. */
export function isJudged(request: AdmissionRequest, engine: Engine): boolean {
  return !isInPassingNamespace(request, engine) && rulesFor(request, engine) !== undefined;
}

/** /mutate: what should be changed before the object is judged. Never denies. */
export async function mutate(request: AdmissionRequest, engine: Engine): Promise<Admission> {
  const mutations = engine.mutations.filter((mutation) => matches(mutation, request));
  if (mutations.length === 0 || !isRecord(request.object?.['metadata'])) return passing;
  if (decideTooManyContainers(request, engine.surroundings.state) !== undefined) return passing;
  const input = await prepareInput(request, engine.surroundings);
  if (input.tenant === undefined) return passing;
  const attestation = await attestationFor(input, engine.surroundings);
  const patch = mutations.flatMap((mutation) => mutation.mutate({ rules: input, attestation }));
  return { decision: allowed, patch, tenant: input.tenant.name };
}

const passing: Admission = Object.freeze({ decision: allowed, patch: [], tenant: '' });

/** A valid attestation is kept, whichever replica signed it; otherwise this one signs. */
async function attestationFor(
  { identity, workload }: RuleInput,
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

/** What no real object has would only keep everybody else waiting; padding must not be a way in either. */
function findLongList({ spec }: JsonRecord): string | undefined {
  for (const [field, value] of Object.entries(recordOf(spec))) {
    const length = listOf(value).length;
    if (length > limits.maxListEntries) {
      return `spec.${field} has ${length} entries; at most ${limits.maxListEntries} are judged`;
    }
  }
  return undefined;
}

/** Platform namespaces keep their own house; no rule of this version judges the store or the mesh. */
function isInPassingNamespace(request: AdmissionRequest, { surroundings }: Engine): boolean {
  const namespaceClass = classOf(surroundings.state.settings, request.namespace);
  return namespaceClass === 'exempt' || namespaceClass === 'platform';
}

/** Undefined when nobody judges the kind; for a custom kind with a pod template, the workloads' rules. */
function rulesFor(
  request: AdmissionRequest,
  { surroundings, registry }: Engine,
): readonly Rule[] | undefined {
  const found = registry.rulesFor(request);
  if (found !== 'unregistered') return found;
  const { group, version, kind } = request.kind;
  const { podSpecPaths } = surroundings.state.settings.detection;
  return podSpecPaths.has(`${group}/${version}/${kind}`) ? registry.workloadRules : undefined;
}

/** The registration sends only what we judge; anything else is a mistake in it, and fails closed. */
function refused({ kind, resource, subResource }: AdmissionRequest): Admission {
  const what = subResource === '' ? resource.resource : `${resource.resource}/${subResource}`;
  const message =
    `${kind.kind} (${what} of group "${resource.group}") is judged by no rule of Bucketwarden; ` +
    'remove it from the webhook registration';
  return { ...passing, decision: refusal(message) };
}
