import type { FieldPath } from '../../admission/field-path.ts';
import { listOf, recordOf, textOf } from '../../admission/json.ts';
import { parseHost, type Host } from '../../host/host.ts';
import type { NamespaceView } from '../../objects/istio/protected-host.ts';
import type { Match } from '../../objects/match.ts';
import type { RuleInput } from '../rule.ts';

/** Registration of every rule about ServiceEntries. */
export const serviceEntryMatch: readonly Match[] = [
  { group: 'networking.istio.io', resources: ['serviceentries'], operations: ['CREATE', 'UPDATE'] },
];

/** One entry of `spec.hosts`, as written and in normal form. */
export interface EntryHost {
  readonly path: FieldPath;
  readonly text: string;
  readonly host: Host;
}

/** The hosts of a ServiceEntry; an entry that is no string reads as an empty, invalid host. */
export function entryHosts({ object }: RuleInput): readonly EntryHost[] {
  return listOf(recordOf(object['spec'])['hosts']).map((value, index) => {
    const text = textOf(value) ?? '';
    return { path: ['spec', 'hosts', index], text, host: parseHost(text) };
  });
}

/** Whether objects of a namespace without tenant are judged by the full list or the protected names. */
export function judgesHosts({ tenant, settings }: RuleInput): 'granted' | 'protected' | 'nothing' {
  if (tenant !== undefined) return 'granted';
  switch (settings.config.untenanted.hosts) {
    case 'All':
      return 'granted';
    case 'Protected':
      return 'protected';
    case 'None':
      return 'nothing';
    default:
      return settings.config.untenanted.hosts satisfies never;
  }
}

/**
 * Namespaces as protected names see them. A tenant is told of those in the cluster's config only;
 * elsewhere those of tenants count, too.
 */
export function namespaceView(
  { tenant, tenants, settings }: RuleInput,
  own: ReadonlySet<string>,
): NamespaceView {
  return {
    own,
    isForeign: (namespace) =>
      settings.namespaces.has(namespace) ||
      (tenant === undefined && tenants.claimsOnNamespace(namespace).length > 0),
  };
}
