import type { Operation } from '../admission/review.ts';

/** Kinds a rule judges, in the words of a webhook registration; every served version counts alike. */
export interface Match {
  readonly group: string;
  /** Plural names, with "/" and a subresource where one is meant. */
  readonly resources: readonly string[];
  readonly operations: readonly Operation[];
  /** Only some of these requests; absent: all. */
  readonly only?: Selection;
}

/**
 * Requests that the API server picks out by itself, for what only it knows or what would be too many.
 * Objects from files are not among them: nobody is applying those.
 */
export interface Selection {
  /** Of the webhook entry that they come through: `validate-<name>.bucketwarden.io`. */
  readonly name: string;
  /** All of them must hold. */
  readonly conditions: readonly MatchCondition[];
}

/** https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions */
export interface MatchCondition {
  readonly name: string;
  /** CEL over `object`, `oldObject`, `request` and `authorizer`. */
  readonly expression: string;
}

/**
 * CEL that tells whether labels or annotations were added, removed or changed by an UPDATE.
 * @param isMeant CEL over `key`: which of them count
 */
export function changedKeys(map: 'labels' | 'annotations', isMeant: string): string {
  const differs = `object.metadata.?${map}[?key] != oldObject.metadata.?${map}[?key]`;
  return `[object, oldObject].exists(one, one.metadata.?${map}.orValue({}).exists(key, ${isMeant} && ${differs}))`;
}
