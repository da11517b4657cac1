import jsonPatch, { type Operation } from 'fast-json-patch';
import { recordOf, textOf } from '../src/admission/json.ts';
import { ask } from './load.ts';
import { pairs, podOf, reviewOf } from './pods.ts';

/** Reviews of the pods as /validate sees them: after our own /mutate has been at them. */
export async function injectedPods(port: number): Promise<object[]> {
  const reviews: object[] = [];
  for (const pair of pairs) {
    const answer: unknown = JSON.parse(
      await ask(port, { path: '/mutate', review: reviewOf(pair) }),
    );
    const patch = textOf(recordOf(recordOf(answer)['response'])['patch']) ?? '';
    const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as Operation[];
    reviews.push(reviewOf(pair, jsonPatch.applyPatch(podOf(pair), operations).newDocument));
  }
  const [first] = reviews;
  const verdict = await ask(port, { path: '/validate', review: first ?? {} });
  if (!verdict.includes('"allowed":true')) throw new Error(`/validate denied: ${verdict}`);
  return reviews;
}
