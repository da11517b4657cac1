import * as list from './list.ts';
import type { Rule } from './rule.ts';

/** Every rule, sorted by id. */
export const rules: readonly Rule[] = Object.values(list).sort((one, other) =>
  one.id < other.id ? -1 : 1,
);
