import type { FieldPath } from '../admission/field-path.ts';
import type { JsonRecord } from '../admission/json.ts';
import type { GroupVersionKind, Operation } from '../admission/review.ts';
import type { Action } from '../declaration/schema.ts';
import type { PodIdentity } from '../identity/pod-identity.ts';
import type { Settings } from '../settings/settings.ts';
import type { TenantIndex } from '../tenant/tenant-index.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { BucketReferences } from '../objects/workload/bucket-references.ts';
import type { Workload } from '../objects/workload/pod-template.ts';
import type { Match } from '../objects/match.ts';

/** Everything a rule may look at. All of it is there before the rule runs; nothing waits. */
export interface RuleInput {
  readonly object: JsonRecord;
  readonly oldObject: JsonRecord | undefined;
  readonly kind: GroupVersionKind;
  readonly operation: Operation;
  readonly namespace: string;
  readonly name: string;
  /** Whose namespace it is; undefined outside tenants and for cluster-scoped objects. */
  readonly tenant: Tenant | undefined;
  readonly tenants: TenantIndex;
  readonly settings: Settings;
  readonly ruleIds: ReadonlySet<string>;
  readonly workload: Workload | undefined;
  readonly references: BucketReferences;
  /** What a pod of a tenant should carry; undefined for everything else. */
  readonly identity: PodIdentity | undefined;
  /** Namespaces that exist, with their labels; undefined where no cluster is at hand. */
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>> | undefined;
}

/** One requirement an object does not meet. */
export interface Violation {
  readonly path: FieldPath;
  /** What was found, as written. Path (without indexes) and value tell an old violation from a new. */
  readonly value: string;
  /** A clause that follows "<path>: ", such as `host "x" is not granted`. */
  readonly reason: string;
  /** What would be accepted here, if a list says it. */
  readonly allowed?: readonly string[];
  /** Replaces the rule's own fix. */
  readonly fix?: string;
  /** The most that may happen whatever is configured: what cannot be known for sure only warns. */
  readonly limit?: 'Warn';
  /** Replaces the rule's actions for this one violation. */
  readonly actions?: readonly Action[];
}

/** An object for documentation and tests; YAML, because that is what users write. */
export interface Example {
  /** A sentence: "a bucket the tenant owns". */
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
export interface Rule {
  /** Also its file's name. Stable, never reused. */
  readonly id: string;
  /** A true sentence about good objects. */
  readonly title: string;
  readonly why: string;
  /** What the user can do; ends every message. */
  readonly fix: string;
  /** `tenant`: only in tenant namespaces. `cluster`: in every namespace that is judged. */
  readonly scope: 'tenant' | 'cluster';
  /** Harms others: only the default and the cluster's config set its action, never a tenant's. */
  readonly harmsOthers: boolean;
  readonly defaultActions: readonly Action[];
  readonly match: readonly Match[];
  readonly examples: {
    readonly allowed: readonly [Example, ...Example[]];
    readonly denied: readonly [DeniedExample, ...DeniedExample[]];
  };
  readonly validate: (input: RuleInput) => readonly Violation[];
}
