import { formatPath } from '../admission/field-path.ts';
import type { DeclarationProblem } from '../declaration/validate.ts';
import type { CompiledPolicy } from '../engine/compiled-policy.ts';
import { storageTenantProblems } from '../objects/tenant-variables.ts';
import type { TenantState } from '../tenant/tenant-state.ts';
import type { NamespaceNames } from '../tenant/world.ts';
import type { StoredTenant } from './stored-tenant.ts';

/** What a stored tenant is examined beside. */
export interface ExaminedBeside {
  readonly policy: CompiledPolicy;
  readonly ruleIds: ReadonlySet<string>;
  readonly namespaces?: NamespaceNames | undefined;
}

/** The state of a tenant of the cluster, with reasons. Texts name fields and, in conflicts, the other tenant. */
export interface TenantFindings {
  readonly state: TenantState;
  /** Why the declaration cannot be read. */
  readonly unreadable: readonly string[];
  /** What is wrong by itself. */
  readonly invalid: readonly string[];
  readonly conflicts: readonly TenantConflict[];
}

/** One field that claims what another tenant claims. */
export interface TenantConflict {
  readonly field: string;
  /** The other tenant. */
  readonly with: string;
  readonly problem: string;
}

/** Examines one tenant beside all others. */
export function examineTenant(
  { declaration, problems: unreadable }: StoredTenant,
  { policy, ruleIds, namespaces }: ExaminedBeside,
): TenantFindings {
  const problems = storageTenantProblems(declaration, { ...policy, ruleIds, namespaces });
  const conflicts = problems.flatMap((problem) => {
    const { claimant, path } = problem;
    if (claimant === undefined) return [];
    return [{ field: formatPath(path), with: claimant, problem: problem.message }];
  });
  const invalid = problems.filter(({ claimant }) => claimant === undefined).map(problemText);
  return {
    state: stateOf({ isInvalid: unreadable.length + invalid.length > 0, conflicts }),
    unreadable: unreadable.map(problemText),
    invalid,
    conflicts,
  };
}

function stateOf(given: {
  readonly isInvalid: boolean;
  readonly conflicts: readonly TenantConflict[];
}): TenantState {
  if (given.isInvalid) return 'invalid';
  return given.conflicts.length > 0 ? 'conflict' : 'ready';
}

function problemText({ path, message }: DeclarationProblem): string {
  return path.length === 0 ? message : `${formatPath(path)}: ${message}`;
}
