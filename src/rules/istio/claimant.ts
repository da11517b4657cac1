import type { Claimant } from '../../objects/host-claim.ts';
import type { World } from '../../tenant/world.ts';

/** The author of an object, whose own Services are those of its namespace. */
export function authorIn(namespace: string, world: World): Claimant {
  return { world, own: new Set([namespace]) };
}

/** The same for where traffic goes: Services of all the tenant's namespaces are its own. */
export function senderIn(namespace: string, world: World): Claimant {
  return { world, own: world.tenant?.namespaces ?? new Set([namespace]) };
}
