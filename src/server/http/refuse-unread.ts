import type { Admission } from '../../engine/admit.ts';
import { refusal } from '../../engine/decide.ts';

/**
 * The denial of what is too much to read. As a failure it would be admitted by an entry of the webhook that fails
 * open, and users choose how large their objects are.
 */
export function refuseUnread(problem: string): Admission {
  const message = `this request is denied, because it is too much to be judged: ${problem}`;
  return { decision: refusal(message), patch: [], tenant: '' };
}
