import type { Access } from '../bucket/access.ts';
import { isPlausibleBucketName } from '../bucket/bucket-name.ts';
import { patternText } from '../bucket/bucket-pattern.ts';
import { createPolicyState, type PolicyState } from '../engine/state.ts';
import { UsageError } from '../errors.ts';
import { denialReason, grantsFor, quotedList } from '../tenant/denial.ts';
import { rules } from '../rules/index.ts';
import { classOf } from '../settings/settings.ts';
import { askBucket, isExternalBucket } from '../tenant/ask-bucket.ts';
import type { BucketGrant } from '../tenant/bucket-grant.ts';
import type { ExitCode, Io } from './io.ts';
import { readPolicy } from './read-policy.ts';

export type Verb = 'get' | 'list' | 'put' | 'delete';

/** Flags of `can-i`. */
export interface CanIFlags {
  readonly namespace?: string;
  readonly serviceAccount: string;
  readonly tenants?: readonly string[];
  readonly config?: string;
  readonly output: 'text' | 'json';
}

/** Answers "may this account do this?" from the declarations alone. */
export async function canI(
  { verb, uri }: { readonly verb: Verb; readonly uri: string },
  { flags, io }: { readonly flags: CanIFlags; readonly io: Io },
): Promise<ExitCode> {
  const { namespace, serviceAccount } = flags;
  if (namespace === undefined)
    throw new UsageError('--namespace is required: the namespace of the service account');
  const target = parseTarget(uri, verb);
  const ruleIds = new Set(rules.map(({ id }) => id));
  const state = createPolicyState(await readPolicy(flags, { io, ruleIds }));
  const answer = ask({ ...target, namespace, serviceAccount }, state);
  io.stdout.write(flags.output === 'json' ? renderJson(answer) : renderText(answer));
  return answer.allowed ? 0 : 1;
}

interface Target {
  readonly bucket: string;
  readonly key: string;
  readonly verb: Verb;
  readonly isListing: boolean;
  readonly access: Access;
}

type Question = Target & { readonly namespace: string; readonly serviceAccount: string };

type Answer =
  | { readonly allowed: true; readonly tenant: string; readonly grants: readonly BucketGrant[] }
  | { readonly allowed: false; readonly reason: string; readonly granted: readonly string[] };

function parseTarget(uri: string, verb: Verb): Target {
  const parts = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri);
  if (parts === null) throw new UsageError(`"${uri}" must be s3://bucket or s3://bucket/key`);
  const [, bucket = '', key = ''] = parts;
  if (bucket.includes('*'))
    throw new UsageError(`"${bucket}" is a pattern; write one bucket, without a star`);
  if (!isPlausibleBucketName(bucket))
    throw new UsageError(`"${bucket}" is not a valid bucket name`);
  const access = verb === 'get' || verb === 'list' ? 'ReadOnly' : 'WriteOnly';
  return { bucket, key, verb, isListing: verb === 'list', access };
}

function ask(question: Question, { settings, tenants }: PolicyState): Answer {
  const { bucket, namespace, serviceAccount } = question;
  const isJudged = classOf(settings, namespace) === 'workload';
  const tenant = isJudged ? tenants.tenantOf(namespace) : undefined;
  if (tenant === undefined) {
    const reason = `bucket "${bucket}" is not granted to namespace "${namespace}", which ${isJudged ? 'belongs to no tenant' : 'Bucketwarden does not check'}`;
    return { allowed: false, reason, granted: [] };
  }
  if (isExternalBucket(tenants, tenant, bucket)) {
    const reason = `bucket "${bucket}" is not in this store (externalBuckets)`;
    return { allowed: false, reason, granted: [] };
  }
  const granted = grantsFor(tenant, serviceAccount);
  const answer = askBucket(tenants, tenant, question);
  if (answer.kind === 'denied') {
    const reason =
      answer.reason === 'access'
        ? `bucket "${bucket}" is granted ${answer.access}; "${question.verb}" needs ${question.access}`
        : denialReason(answer, { reference: question, serviceAccount });
    return { allowed: false, reason, granted };
  }
  const grants = narrow(answer.grants, question);
  if (grants.length > 0) return { allowed: true, tenant: tenant.name, grants };
  const prefixes = quotedList(answer.grants.flatMap((grant) => grant.prefixes));
  const reason = `listing all of bucket "${bucket}" reaches outside the granted prefixes ${prefixes}`;
  return { allowed: false, reason, granted };
}

/**
 * Of the grants that add up to the answer, those that matter: giving this access and, for a listing of
 * the whole bucket, giving all of it. Naming a bucket alone is fine for every other purpose.
 */
function narrow(
  grants: readonly BucketGrant[],
  { access, isListing, key }: Question,
): readonly BucketGrant[] {
  return grants.filter(
    (grant) =>
      (grant.access === access || grant.access === 'ReadWrite') &&
      (!isListing || key !== '' || grant.prefixes.length === 0),
  );
}

function renderText(answer: Answer): string {
  if (answer.allowed) {
    return [
      'yes',
      ...answer.grants.map((grant) => `  ${grantLine(grant, answer.tenant)}`),
      '',
    ].join('\n');
  }
  const granted = answer.granted.map((text) => `    ${text}\n`).join('');
  return `no: ${answer.reason}\n${granted === '' ? '' : `  granted:\n${granted}`}`;
}

function grantLine(
  { pattern, access, prefixes, serviceAccounts, origin }: BucketGrant,
  tenant: string,
): string {
  const parts = [
    `tenant "${tenant}"`,
    `${origin === 'own' ? 'its own' : 'shared with it'}: "${patternText(pattern)}"`,
    access,
    ...(prefixes.length > 0 ? [`only below ${quotedList(prefixes)}`] : []),
    ...(serviceAccounts ? [`only for ${quotedList([...serviceAccounts])}`] : []),
  ];
  return parts.join(', ');
}

function renderJson(answer: Answer): string {
  const shown = answer.allowed
    ? {
        ...answer,
        grants: answer.grants.map(({ pattern, serviceAccounts, ...grant }) => ({
          bucket: patternText(pattern),
          ...grant,
          ...(serviceAccounts && { serviceAccounts: [...serviceAccounts].sort() }),
        })),
      }
    : answer;
  return `${JSON.stringify(shown, undefined, 2)}\n`;
}
