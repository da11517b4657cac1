import type { StorageTenant } from '../declaration/storage-tenant.ts';
import type { Rule } from '../rules/rule.ts';

/** Lines about what tenants declare without effect: exemptions that have ended, actions that do not apply. */
export function tenantNotes(
  declarations: readonly StorageTenant[],
  { rules, now }: { readonly rules: readonly Rule[]; readonly now: Date },
): string {
  const today = now.toISOString().slice(0, 10);
  const fixed = new Set(rules.filter(({ harmsOthers }) => harmsOthers).map(({ id }) => id));
  const notes = declarations.flatMap(({ metadata, spec }) => {
    const expired = (spec.exemptions ?? [])
      .filter(({ expires }) => expires < today)
      .map(({ rule, expires }) => `the exemption from "${rule}" expired on ${expires}`);
    const ignored = Object.keys(spec.ruleActions ?? {})
      .filter((id) => fixed.has(id))
      .map((id) => `ruleActions of "${id}" have no effect: only the cluster's config sets them`);
    return [...expired, ...ignored].map((note) => `tenant "${metadata.name}": ${note}`);
  });
  return notes.map((note) => `bucketwarden: ${note}\n`).join('');
}
