import { suffixOfAccess, type Access } from '../bucket/access.ts';
import { grantText, isForAccount, type BucketAnswer } from './bucket-grant.ts';
import type { Tenant } from './tenant.ts';

/** What was asked for, as far as a message repeats it. */
interface NamedBucketAsk {
  readonly bucket: string;
  readonly key: string;
  readonly access?: Access | undefined;
}

/** The words for a foreign bucket and for one that does not exist are the same. */
export function denialReason(
  answer: Extract<BucketAnswer, { kind: 'denied' }>,
  {
    reference,
    serviceAccount,
  }: {
    readonly reference: NamedBucketAsk;
    readonly serviceAccount: string;
  },
): string {
  const bucket = `bucket "${reference.bucket}"`;
  switch (answer.reason) {
    case 'not-granted':
      return `${bucket} is not granted`;
    case 'account':
      return `${bucket} is not granted to service account "${serviceAccount}"`;
    case 'prefix':
      return `key "${reference.key}" of ${bucket} is outside the granted prefixes ${quotedList(answer.prefixes)}`;
    case 'access':
      return `${bucket} is granted ${suffix(answer.access)}, "${suffix(reference.access)}" is asked for`;
    default:
      return answer satisfies never;
  }
}

/** The grants of one account, as messages list them. */
export function grantsFor(tenant: Tenant, serviceAccount: string): readonly string[] {
  return tenant.grants.filter((grant) => isForAccount(grant, serviceAccount)).map(grantText);
}

/** The texts, each once, sorted and in quotes. */
export function quotedList(items: readonly string[]): string {
  return [...new Set(items)]
    .sort()
    .map((item) => `"${item}"`)
    .join(', ');
}

function suffix(access: Access | undefined): string {
  return access === undefined ? 'ro' : suffixOfAccess(access);
}
