import { reviewApiVersion, reviewKind } from './review.ts';

/** How much of a body is looked at: twice what the API server writes up to the end of the uid. */
export const startCharacters = 256;

const kind = `"kind":"${reviewKind}"`;
const apiVersion = `"apiVersion":"${reviewApiVersion.replaceAll('.', String.raw`\.`)}"`;
const head = new RegExp(
  `^\\{(?:${kind},${apiVersion}|${apiVersion},${kind}),"request":\\{"uid":"([\\w-]{1,128})"`,
);

/**
 * The uid of a review that is not read as a whole. The API server writes it first, before anything that a user
 * chooses, so no object can put another one there. Undefined when the body does not begin as the API server's do.
 */
export function uidAtStart(body: string): string | undefined {
  return head.exec(body.slice(0, startCharacters))?.[1];
}
