import { isClusterScoped, kindOf } from '../objects/kinds.ts';
import type { Match } from '../objects/match.ts';
import type { Rule } from './rule.ts';

/** What a rule looks at, in one line per group of kinds: "pods, pods/status (UPDATE), if …". */
export function matchTexts({ subject }: Rule): readonly string[] {
  return subject.match.map(matchText);
}

function matchText({ group, resources, operations, entry }: Match): string {
  const where = group === '' ? '' : ` of ${group}`;
  const conditions = entry?.conditions.map(({ name }) => name).join(' and ') ?? '';
  const when = conditions === '' ? '' : `, if ${conditions}`;
  return `${resources.join(', ')}${where} (${operations.join(', ')})${when}`;
}

/** Where it looks, such as "namespaces of tenants". */
export function scopeText({ scope, subject }: Rule): string {
  if (subject.match.every(isOutsideNamespaces)) return 'the whole cluster';
  return scope === 'tenant'
    ? 'namespaces of tenants'
    : 'every namespace, except exempt and platform ones';
}

/** Who can change what a violation leads to. */
export function ownerText({ harmsOthers }: Rule): string {
  return harmsOthers
    ? "the cluster's config (rules), and a StorageTenant's exemptions: a violation harms others"
    : "the cluster's config (rules), and the StorageTenant (actions, ruleActions, exemptions)";
}

function isOutsideNamespaces({ group, resources }: Match): boolean {
  return resources.every((resource) => {
    const kind = kindOf(group, resource.split('/', 1)[0] ?? '');
    return kind !== undefined && isClusterScoped({ group, kind });
  });
}
