import type { PatchOperation } from '../admission/json-patch.ts';
import type { Match } from '../objects/match.ts';
import type { Review } from '../rules/rule.ts';

/** What a mutation looks at: what rules see, and the attestation that was signed beforehand. */
export interface MutationInput {
  readonly review: Review;
  /** The JWS to put on the pod; undefined when the pod gets no identity. */
  readonly attestation: string | undefined;
}

/** One change we make to objects. Pure like a rule; applied to its own output it changes nothing. */
export interface Mutation {
  readonly id: string;
  /** A sentence: what an object has afterwards. */
  readonly title: string;
  readonly match: readonly Match[];
  readonly mutate: (input: MutationInput) => readonly PatchOperation[];
}
