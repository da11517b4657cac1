/**
 * How a declared tenant is doing: in force as written, in conflict with another tenant over what both
 * claim, or not valid whoever else there is.
 */
export type TenantState = 'ready' | 'conflict' | 'invalid';

/** How many tenants are in each state. */
export type TenantCounts = Readonly<Record<TenantState, number>>;
