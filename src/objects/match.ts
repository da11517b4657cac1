import type { Operation } from '../admission/review.ts';

/** Kinds a rule judges, in the words of a webhook registration; every served version is alike. */
export interface Match {
  readonly group: string;
  /** Plural names, with "/" and a subresource where one is meant. */
  readonly resources: readonly string[];
  readonly operations: readonly Operation[];
  /** The webhook entry these requests come through; absent: the one for all workload namespaces. */
  readonly entry?: OwnEntry;
}

/**
 * A webhook entry of its own: for requests that the API server picks out, because only it knows what
 * they are about or because there are too many, or that must go on while Bucketwarden is down.
 */
export interface OwnEntry {
  /** The entry is called `validate-<name>.bucketwarden.io`. */
  readonly name: string;
  /** All of them must hold. Objects from files are not judged by a rule with conditions. */
  readonly conditions: readonly MatchCondition[];
  /** What the API server does when Bucketwarden does not answer. */
  readonly failurePolicy: 'Fail' | 'Ignore';
}

/**
 * One yes-or-no question that the API server asks before it calls Bucketwarden
 * (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions).
 */
export interface MatchCondition {
  readonly name: string;
  /** CEL over `object`, `oldObject`, `request` and `authorizer`. */
  readonly expression: string;
}

/**
 * CEL that is true when an UPDATE adds, removes or changes labels. Users fill that map as they like, so
 * it is read once, and not at all when nothing in it has changed.
 * @param isMeant CEL over `key`: which labels matter
 */
export function changesLabels(isMeant: string): string {
  const both = '[object, oldObject].map(one, one.metadata.?labels.orValue({}))';
  const differs = 'both[0][?key] != both[1][?key]';
  return (
    'object.metadata.?labels != oldObject.metadata.?labels && ' +
    `[${both}].exists(both, both.exists(labels, labels.exists(key, ${isMeant} && ${differs})))`
  );
}

/** CEL that is true when an UPDATE adds, removes or changes one of these annotations. */
export function changesAnnotations(keys: readonly string[]): string {
  const list = keys.map((key) => `'${key}'`).join(', ');
  return `[${list}].exists(key, object.metadata.?annotations[?key] != oldObject.metadata.?annotations[?key])`;
}
