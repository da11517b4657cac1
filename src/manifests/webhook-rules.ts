import type { Operation } from '../admission/review.ts';
import type { BucketwardenConfig } from '../declaration/bucketwarden-config.ts';
import { isClusterScoped, kindOf } from '../objects/kinds.ts';
import type { Match } from '../objects/match.ts';

/** What says which requests it wants to see: a mutation itself, a rule by its subject. */
export type Matching =
  { readonly match: readonly Match[] } | { readonly subject: { readonly match: readonly Match[] } };

/** What any of them wants to see. Rules of one subject want the same, which is given once. */
export function matchesOf(all: readonly Matching[]): readonly Match[] {
  return [...new Set(all.flatMap((one) => ('subject' in one ? one.subject.match : one.match)))];
}

/** One element of a webhook's `rules`. */
export interface WebhookRule {
  readonly apiGroups: readonly [string];
  /** Every served one for built-in kinds, or an old one would be a way in. */
  readonly apiVersions: readonly [string];
  readonly operations: readonly Operation[];
  readonly resources: readonly string[];
  readonly scope: 'Cluster' | 'Namespaced';
}

/** Resources of one group that are wanted for the same operations share an element; all is sorted. */
export function toWebhookRules(matches: readonly Match[]): readonly WebhookRule[] {
  const rules = new Map<string, WebhookRule>();
  for (const { group, resource, operations } of wantedResources(matches)) {
    const scope = scopeOf(group, resource);
    const key = [group, scope, ...operations].join(' ');
    const resources = [...(rules.get(key)?.resources ?? []), resource].sort();
    rules.set(key, { apiGroups: [group], apiVersions: ['*'], operations, resources, scope });
  }
  return sortedByKey(rules);
}

/**
 * The custom kinds of a config. Only the version it names, whose pod spec it says: the API server
 * converts the others to it (matchPolicy Equivalent).
 */
export function templateRules({ detection }: BucketwardenConfig): readonly WebhookRule[] {
  return detection.templates.map(({ apiVersion, kind, resource }) => {
    const slash = apiVersion.indexOf('/');
    return {
      apiGroups: [apiVersion.slice(0, Math.max(slash, 0))],
      apiVersions: [apiVersion.slice(slash + 1)],
      operations: ['CREATE', 'UPDATE'],
      resources: [resource ?? `${kind.toLowerCase()}s`],
      scope: 'Namespaced',
    };
  });
}

interface WantedResource {
  readonly group: string;
  readonly resource: string;
  /** Sorted: what any of the rules wants to see of it. */
  readonly operations: readonly Operation[];
}

function wantedResources(matches: readonly Match[]): readonly WantedResource[] {
  const wanted = new Map<string, WantedResource>();
  for (const { group, resources, operations } of matches) {
    for (const resource of resources) {
      const key = `${group}/${resource}`;
      const all = new Set([...(wanted.get(key)?.operations ?? []), ...operations]);
      wanted.set(key, { group, resource, operations: [...all].sort() });
    }
  }
  return sortedByKey(wanted);
}

/** A subresource has the scope of what it belongs to. */
function scopeOf(group: string, resource: string): WebhookRule['scope'] {
  const [main = resource] = resource.split('/', 1);
  const kind = kindOf(group, main);
  return kind !== undefined && isClusterScoped({ group, kind }) ? 'Cluster' : 'Namespaced';
}

function sortedByKey<Value>(values: ReadonlyMap<string, Value>): readonly Value[] {
  return [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
