import { annotations, environment } from '../names.ts';
import type { Workload } from '../objects/workload/pod-template.ts';
import type { AttestationClaims, StorageIdentity } from './storage-identity.ts';
import { isContradiction } from './identity-problem.ts';
import { findWrongIdentity } from './wrong-identity.ts';

/**
 * Whether a pod contradicts its account's identity in a part that is the same under every declaration and
 * every config. Then it is wrong, whatever a replica has not read yet.
 */
export function contradictsEveryState(
  workload: Workload,
  wanted: StorageIdentity,
  claims: AttestationClaims,
): boolean {
  const certain = certainParts(wanted, claims);
  const given = { verdict: { kind: 'absent' }, mayCarry: true } as const;
  return findWrongIdentity(workload, certain, given).some(isContradiction);
}

/** The parts of an identity that stay the same when the declaration, the config or both differ. */
function certainParts(wanted: StorageIdentity, claims: AttestationClaims): StorageIdentity {
  const isSameConfig = claims.config === wanted.claims.config;
  const isSameDeclaration = claims.generation === wanted.claims.generation;
  const isCertain = (name: string): boolean => {
    if (ofTheAccount.has(name)) return true;
    return fromTheConfig.has(name) ? isSameConfig : isSameDeclaration;
  };
  const { [annotations.spiffeId]: spiffeId = '', ...own } = wanted.annotations;
  return {
    ...wanted,
    // The SPIFFE ID contains the mesh's trust domain, which the config names.
    annotations: isSameConfig ? { ...own, [annotations.spiffeId]: spiffeId } : own,
    variables: wanted.variables.filter(({ name }) => isCertain(name)),
    volume: isSameConfig ? wanted.volume : {},
  };
}

const ofTheAccount: ReadonlySet<string> = new Set([environment.sessionName, environment.tenant]);

const fromTheConfig: ReadonlySet<string> = new Set(Object.values(environment));
