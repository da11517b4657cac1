import { listOf, recordOf, textOf } from '../admission/json.ts';
import type { StoredTenant } from './stored-tenant.ts';

/** What the status says of one namespace that a tenant lists. */
export interface NamespaceStatus {
  readonly name: string;
  /** Since when it belongs to the tenant. */
  readonly listedSince: string;
  /** True when it is older than that: what was created in it before has not been judged. */
  readonly existedBefore: boolean;
}

/** When a namespace of the cluster was created; undefined when there is none of this name. */
export type CreationTimeOf = (namespace: string) => string | undefined;

/**
 * The namespaces of a tenant. Since when each is listed is remembered in the status itself; for those
 * that are new in it, that is the time of the last write of the declaration. Times are those of the
 * API server, in whole seconds and UTC, so they compare as text.
 */
export function namespaceStatus(
  { declaration, status, writtenAt }: StoredTenant,
  creationTimeOf: CreationTimeOf,
): readonly NamespaceStatus[] {
  const known = new Map(
    listOf(status['namespaces'])
      .map(recordOf)
      .map((entry) => [textOf(entry['name']), textOf(entry['listedSince'])]),
  );
  return declaration.spec.namespaces.map((name) => {
    const listedSince = known.get(name) ?? writtenAt;
    const createdAt = creationTimeOf(name);
    return { name, listedSince, existedBefore: createdAt !== undefined && createdAt < listedSince };
  });
}
