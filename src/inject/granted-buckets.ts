import { suffixOfAccess } from '../bucket/access.ts';
import { limits } from '../limits.ts';
import { findBucketReferences } from '../objects/workload/bucket-references.ts';
import type { Review } from '../rules/rule.ts';
import { askBucket } from '../tenant/ask-bucket.ts';
import { serviceAccountOf } from '../objects/workload/pod-template.ts';

/**
 * "payments-ledger:rw,analytics-reports:ro": the buckets that this pod itself names and is granted,
 * sorted; never the whole list of grants. Cut at 4 KiB, with the number of those left out.
 */
export function grantedBuckets({ workload, world }: Review): string {
  const { tenant, tenants, settings } = world;
  if (workload === undefined || tenant === undefined) return '';
  const references = findBucketReferences(workload, settings);
  const serviceAccount = serviceAccountOf(workload);
  const entries = new Set<string>();
  for (const { bucket, access, key, isOpenKey } of references.known) {
    const answer = askBucket(tenants, tenant, { bucket, serviceAccount, access, key, isOpenKey });
    if (answer.kind === 'granted') {
      entries.add(`${bucket}:${suffixOfAccess(access ?? answer.access)}`);
    }
  }
  return joinWithin([...entries].sort(), limits.maxGrantedBucketsBytes);
}

/** Bucket names are ASCII, so characters are bytes. */
function joinWithin(entries: readonly string[], maxBytes: number): string {
  const whole = entries.join(',');
  if (whole.length <= maxBytes) return whole;
  let shown = '';
  let count = 0;
  for (const entry of entries) {
    const rest = `,+${entries.length - count - 1} more`;
    if (shown.length + 1 + entry.length + rest.length > maxBytes) break;
    shown += `${count === 0 ? '' : ','}${entry}`;
    count++;
  }
  return `${shown},+${entries.length - count} more`;
}
