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

/**
 * One yes-or-no question that is asked before we are
 * (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions).
 */
export interface MatchCondition {
  readonly name: string;
  /** CEL over `object`, `oldObject`, `request` and `authorizer`. */
  readonly expression: string;
}

/**
 * CEL that tells whether an UPDATE adds, removes or changes labels. Users fill that map
 * as they like: it is read once, and not at all when nothing in it has changed.
 * @param isMeant CEL over `key`: which of them count
 */
export function changesLabels(isMeant: string): string {
  const both = '[object, oldObject].map(one, one.metadata.?labels.orValue({}))';
  const differs = 'both[0][?key] != both[1][?key]';
  return (
    'object.metadata.?labels != oldObject.metadata.?labels && ' +
    `[${both}].exists(both, both.exists(labels, labels.exists(key, ${isMeant} && ${differs})))`
  );
}

/** CEL that tells whether an UPDATE adds, removes or changes one of these annotations. */
export function changesAnnotations(keys: readonly string[]): string {
  const list = keys.map((key) => `'${key}'`).join(', ');
  return `[${list}].exists(key, object.metadata.?annotations[?key] != oldObject.metadata.?annotations[?key])`;
}
