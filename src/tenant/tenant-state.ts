/**
 * The state of a declared tenant: in force as written, in conflict with another tenant that claims the
 * same, or invalid by itself.
 */
export type TenantState = 'ready' | 'conflict' | 'invalid';

/** How many tenants are in each state. */
export type TenantCounts = Readonly<Record<TenantState, number>>;
