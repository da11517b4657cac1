import type { PolicyState } from '../engine/state.ts';
import { classOf } from '../settings/settings.ts';

/**
 * One line about the objects that name no namespace: where they were judged, and to whom that namespace
 * belongs. "" when there are none, or the user chose a tenant's namespace for them.
 */
export function namespaceNote(
  count: number,
  {
    flags: { namespace },
    state,
  }: { readonly flags: { readonly namespace?: string }; readonly state: PolicyState },
): string {
  const place = namespace ?? 'default';
  const owner = ownerOf(place, state);
  const isChosen = namespace !== undefined && owner.isTenant;
  if (count === 0 || isChosen) return '';
  const objects = count === 1 ? '1 object' : `${count} objects`;
  const verb = `${count === 1 ? 'was' : 'were'} ${owner.isJudged ? 'checked' : 'skipped'}`;
  return (
    `bucketwarden: ${objects} without a namespace ${verb} as if in "${place}", ` +
    `which ${owner.text}; choose one with -n\n`
  );
}

interface Owner {
  readonly text: string;
  readonly isTenant: boolean;
  readonly isJudged: boolean;
}

function ownerOf(namespace: string, { settings, tenants }: PolicyState): Owner {
  const namespaceClass = classOf(settings, namespace);
  if (namespaceClass === 'exempt' || namespaceClass === 'platform') {
    const text = namespaceClass === 'exempt' ? 'is exempt' : 'is a platform namespace';
    return { text, isTenant: false, isJudged: false };
  }
  const tenant = tenants.tenantOf(namespace);
  const text = tenant === undefined ? 'belongs to no tenant' : `belongs to tenant "${tenant.name}"`;
  return { text, isTenant: tenant !== undefined, isJudged: true };
}
