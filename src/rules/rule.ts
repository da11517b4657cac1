import type { FieldPath } from '../admission/field-path.ts';
import type { JsonRecord } from '../admission/json.ts';
import type { GroupVersionKind, Operation } from '../admission/review.ts';
import type { Action } from '../declaration/schema.ts';
import type { PodIdentity } from '../identity/pod-identity.ts';
import type { Match } from '../objects/match.ts';
import type { PublishedObject } from '../objects/istio/published-object.ts';
import type { Workload } from '../objects/workload/pod-template.ts';
import type { World } from '../tenant/world.ts';

/** One object to judge. All of it is there before the rules run; nothing waits. */
export interface Review {
  readonly object: JsonRecord;
  readonly oldObject: JsonRecord | undefined;
  readonly kind: GroupVersionKind;
  readonly operation: Operation;
  /** "" for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  /** The pod or pod template in the object; undefined for kinds without one. */
  readonly workload: Workload | undefined;
  /** What a ServiceEntry, VirtualService or DestinationRule publishes; undefined for other kinds. */
  readonly published: PublishedObject | undefined;
  /** What a pod of a tenant should carry; undefined for everything else. */
  readonly identity: PodIdentity | undefined;
  readonly world: World;
}

/** One requirement an object does not meet. */
export interface Violation {
  readonly path: FieldPath;
  /** A clause that follows "<path>: ", such as `host "x" is not granted`. */
  readonly reason: string;
  /**
   * Path (without indexes) and key tell an old violation from a new one. Absent: the reason, which quotes
   * what was found; give one where two spellings mean the same or the value is too long to quote.
   */
  readonly key?: string;
  /** What would be accepted here, if a list says it. */
  readonly allowed?: readonly string[];
  /** Replaces the rule's own fix. */
  readonly fix?: string;
  /** The most that may happen whatever is configured: what cannot be known for sure only warns. */
  readonly limit?: 'Warn';
  /** Replaces the rule's actions for this one violation. */
  readonly actions?: readonly Action[];
}

/**
 * How much of an UPDATE is judged:
 * - `nothing`: what the rules of the subject look at is as it was;
 * - `additions`: a violation that was there before only warns;
 * - `everything`: the new object is judged as if it were created.
 */
export type UpdateScope = 'nothing' | 'additions' | 'everything';

/** What a family of rules is about. Its rules see only what `read` makes of an object. */
export interface Subject<About> {
  readonly match: readonly Match[];
  /** Whether custom kinds with a pod template (config `detection.templates`) belong to it. */
  readonly hasTemplates: boolean;
  /** Whether its rules also judge the namespaces of the store and of the mesh. */
  readonly isInPlatform: boolean;
  /** The typed view of an object, or the fields whose type is wrong: these are denied for all rules. */
  read(review: Review): Reading<About>;
  /** Called for UPDATE only. */
  updateScope(review: Review): UpdateScope;
}

/** An object as the rules of a subject see it, or why it cannot be read. */
export type Reading<About> =
  | { readonly kind: 'read'; readonly about: About }
  | { readonly kind: 'mistyped'; readonly violations: readonly Violation[] };

/** An object for documentation and tests; YAML, because that is what users write. */
export interface Example {
  /** A noun phrase: "a bucket the tenant owns". */
  readonly name: string;
  readonly yaml: string;
  /** YAML of the object before, which makes the request an UPDATE. */
  readonly before?: string;
}

export interface DeniedExample extends Example {
  /** Paths of the violations, as messages print them. */
  readonly paths: readonly string[];
}

/** One requirement with an id. A rule only says what is wrong; what follows is decided elsewhere. */
export interface RuleOf<About> {
  /** Also its file's name. Stable, never reused. */
  readonly id: string;
  /** A true sentence about good objects. */
  readonly title: string;
  readonly why: string;
  /** What the user can do; ends every message. */
  readonly fix: string;
  readonly subject: Subject<About>;
  /** `tenant`: only in tenant namespaces. `cluster`: in every namespace that is judged. */
  readonly scope: 'tenant' | 'cluster';
  /** Harms others: only the default and the cluster's config set its action, never a tenant's. */
  readonly harmsOthers: boolean;
  readonly defaultActions: readonly Action[];
  readonly examples: {
    readonly allowed: readonly [Example, ...Example[]];
    readonly denied: readonly [DeniedExample, ...DeniedExample[]];
  };
  validate(about: About, world: World): readonly Violation[];
}

/** A rule whose subject does not matter: whoever runs it passes on what the subject read. */
export type Rule = RuleOf<unknown>;
