import { suffixOfAccess, type Access } from '../bucket/access.ts';
import { grantText, isForAccount, type BucketAnswer } from './bucket-grant.ts';
import type { Tenant } from './tenant.ts';

/** What is requested, as far as a message repeats it. */
interface NamedBucketAsk {
  readonly bucket: string;
  readonly key: string;
  readonly access?: Access | undefined;
}

/**
 * Why a tenant is denied a bucket. A bucket of another tenant and one that does not exist give the
 * same words.
 */
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
      return `${bucket} is granted ${accessText(answer.access)}, but ${accessText(reference.access ?? 'ReadOnly')} is requested`;
    default:
      return answer satisfies never;
  }
}

/** Why a namespace without a tenant is denied a bucket. */
export function untenantedReason(bucket: string): string {
  return `bucket "${bucket}" is not granted to this namespace, which belongs to no tenant`;
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

const accessWords: Readonly<Record<Access, string>> = {
  ReadOnly: 'read-only',
  WriteOnly: 'write-only',
  ReadWrite: 'read-write',
};

/** "read-only (ro)": in words, and as the annotation writes it. */
function accessText(access: Access): string {
  return `${accessWords[access]} (${suffixOfAccess(access)})`;
}
