import { UnknownAnswerError } from '../errors.ts';
import { contradictsEveryState } from '../identity/certain-parts.ts';
import { agreesWith, sameAccount } from '../identity/pod-identity.ts';
import type { AttestationClaims } from '../identity/storage-identity.ts';
import type { Review } from '../rules/rule.ts';
import type { Surroundings } from './context.ts';

/**
 * What to judge a denied pod with once more, because another replica may have injected its identity
 * from tenants or a config that have not arrived here; undefined when the denial is final.
 * @throws UnknownAnswerError when they have been read anew and still do not explain the attestation
 */
export async function readAnewIfBehind(
  review: Review,
  { readAnew }: Surroundings,
): Promise<Surroundings | undefined> {
  const claims = unexpectedClaims(review);
  if (claims === undefined) return undefined;
  if (readAnew !== undefined) return readAnew();
  if (isExplained(review, claims)) return undefined;
  throw new UnknownAnswerError(
    'the pod has its identity from tenants or a config that this replica has not read yet; create it again',
  );
}

/**
 * What an attestation states that one of our keys signed for this account, under another state than
 * those accepted here. Nobody gets one but by our own injection, so nobody can have us read at will.
 */
function unexpectedClaims({
  identity,
  workload,
  operation,
}: Review): AttestationClaims | undefined {
  if (identity === undefined || operation !== 'CREATE' || workload?.isPod !== true)
    return undefined;
  const { verdict, accepted } = identity;
  if (verdict.kind !== 'signed' || !verdict.isVerified) return undefined;
  const { claims } = verdict;
  const [current] = accepted;
  const isOfAccount =
    claims.namespace === current.claims.namespace &&
    claims.serviceAccount === current.claims.serviceAccount;
  const isExpected = accepted.some((one) => agreesWith(claims, one.claims));
  return isOfAccount && !isExpected ? claims : undefined;
}

/** Whether the denial holds in every state: an old attestation, one of another tenant, a wrong part. */
function isExplained({ identity, workload }: Review, claims: AttestationClaims): boolean {
  if (identity === undefined || workload === undefined || identity.isFromKnownState) return true;
  const [current] = identity.accepted;
  return !sameAccount(claims, current.claims) || contradictsEveryState(workload, current, claims);
}
