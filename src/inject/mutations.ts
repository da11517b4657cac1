import { fillExportTo } from './fill-export-to.ts';
import { injectIdentity } from './inject-identity.ts';
import type { Mutation } from './mutation.ts';

/** Every change Bucketwarden makes. */
export const mutations: readonly Mutation[] = [injectIdentity, fillExportTo];
