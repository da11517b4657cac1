import type { PatchOperation } from '../admission/json-patch.ts';
import type { Match } from '../objects/match.ts';
import type { Review } from '../rules/rule.ts';

/** What a mutation reads: what rules read, and the attestation that was signed for it. */
export interface MutationInput {
  readonly review: Review;
  /** The JWS to put on the pod; undefined when the pod gets no identity. */
  readonly attestation: string | undefined;
}

/** One change we make to objects. Pure like a rule; applied to its own output it changes nothing. */
export interface Mutation {
  readonly id: string;
  /** A sentence about objects after the change. */
  readonly title: string;
  readonly match: readonly Match[];
  readonly mutate: (input: MutationInput) => readonly PatchOperation[];
}
