import { describe, expect, it } from 'vitest';
import { askBucket, hasAnyGrant, isExternalBucket } from '../../src/tenant/ask-bucket.ts';
import type { BucketAnswer, BucketAsk } from '../../src/tenant/bucket-grant.ts';
import { TenantIndex } from '../../src/tenant/tenant-index.ts';
import { contestedTenant } from '../../src/tenant/tenant.ts';
import { aBareTenant, tenantIn } from './surroundings.ts';

const owner = aBareTenant('owner', {
  buckets: [
    { name: 'owner-ledger', serviceAccounts: ['writer'], sharedWith: [{ tenant: 'reader' }] },
    {
      name: 'owner-log',
      access: 'ReadOnly',
      sharedWith: [{ tenant: 'reader', access: 'ReadWrite' }],
    },
    {
      name: 'owner-drop',
      access: 'WriteOnly',
      sharedWith: [{ tenant: 'reader', access: 'ReadOnly' }],
    },
    { name: 'owner-files', prefixes: ['in/', 'out/'], sharedWith: [{ tenant: 'reader' }] },
    { name: 'owner-tmp-*' },
    { name: 'owner-mix', access: 'ReadOnly' },
    { name: 'owner-mix', access: 'WriteOnly', prefixes: ['in/'], serviceAccounts: ['writer'] },
  ],
  externalBuckets: ['acme-gcs-*'],
});
const reader = aBareTenant('reader');
const index = new TenantIndex([owner, reader]);

/** A question of account "default" about the whole of a bucket, with these changes. */
type Question = Pick<BucketAsk, 'bucket'> & Partial<BucketAsk>;

function ask(tenant: string, question: Question): BucketAnswer {
  return askBucket(index, tenantIn(index, tenant), { serviceAccount: 'default', ...question });
}

/** "granted ReadWrite", or the reason. */
function shown(answer: BucketAnswer): string {
  return answer.kind === 'granted' ? `granted ${answer.access}` : answer.reason;
}

const writer = { serviceAccount: 'writer' };

describe('the owner asks', () => {
  it.each<readonly [string, Question, string]>([
    ['its bucket', { bucket: 'owner-tmp-x' }, 'granted ReadWrite'],
    ['for writing', { bucket: 'owner-tmp-x', access: 'ReadWrite' }, 'granted ReadWrite'],
    ['a bucket nobody has', { bucket: 'owner-nothing' }, 'not-granted'],
    ['the name of a pattern without its end', { bucket: 'owner-tmp-' }, 'not-granted'],
    ['in upper case', { bucket: 'OWNER-TMP-X' }, 'not-granted'],
    ['as the account named', { bucket: 'owner-ledger', ...writer }, 'granted ReadWrite'],
    ['as another account', { bucket: 'owner-ledger' }, 'account'],
    [
      'as the account in another case',
      { bucket: 'owner-ledger', serviceAccount: 'Writer' },
      'account',
    ],
    ['to read what it may read', { bucket: 'owner-log', access: 'ReadOnly' }, 'granted ReadOnly'],
    ['to write what it may read', { bucket: 'owner-log', access: 'WriteOnly' }, 'access'],
    ['to read what it may write', { bucket: 'owner-drop', access: 'ReadOnly' }, 'access'],
    ['both where it may write', { bucket: 'owner-drop', access: 'ReadWrite' }, 'access'],
    ['any access', { bucket: 'owner-drop' }, 'granted WriteOnly'],
    ['a key inside a prefix', { bucket: 'owner-files', key: 'in/x' }, 'granted ReadWrite'],
    ['a key outside', { bucket: 'owner-files', key: 'secret/x' }, 'prefix'],
    ['a key that leaves its prefix', { bucket: 'owner-files', key: 'in/../secret/x' }, 'prefix'],
    [
      'a key that goes on inside',
      { bucket: 'owner-files', key: 'i', isOpenKey: true },
      'granted ReadWrite',
    ],
    ['a key that goes on outside', { bucket: 'owner-files', key: 's', isOpenKey: true }, 'prefix'],
    ['a key cut short', { bucket: 'owner-files', key: 'i' }, 'prefix'],
    ['the bucket without a key', { bucket: 'owner-files', key: '' }, 'granted ReadWrite'],
  ])('%s', (_what, question, expected) => {
    expect(shown(ask('owner', question))).toBe(expected);
  });

  it('and is told which prefixes and which access it has', () => {
    expect(ask('owner', { bucket: 'owner-files', key: 'x' })).toEqual({
      kind: 'denied',
      reason: 'prefix',
      prefixes: ['in/', 'out/'],
    });
    expect(ask('owner', { bucket: 'owner-log', access: 'ReadWrite' })).toEqual({
      kind: 'denied',
      reason: 'access',
      access: 'ReadOnly',
    });
  });

  it('and gets what all its grants together allow, each only inside its own limits', () => {
    const access = 'ReadWrite';
    expect(shown(ask('owner', { bucket: 'owner-mix', ...writer, access, key: 'in/x' }))).toBe(
      'granted ReadWrite',
    );
    expect(shown(ask('owner', { bucket: 'owner-mix', ...writer, access, key: 'other' }))).toBe(
      'access',
    );
    expect(shown(ask('owner', { bucket: 'owner-mix', access, key: 'in/x' }))).toBe('access');
    expect(shown(ask('owner', { bucket: 'owner-mix', key: 'in/x' }))).toBe('granted ReadOnly');
  });
});

describe('the receiver of a share asks', () => {
  it.each<readonly [string, Question, string]>([
    ["without being one of the owner's accounts", { bucket: 'owner-ledger' }, 'granted ReadOnly'],
    [
      'to write what is shared for reading',
      { bucket: 'owner-ledger', access: 'ReadWrite' },
      'access',
    ],
    ['for more than the owner has', { bucket: 'owner-log', access: 'ReadWrite' }, 'access'],
    ['what the owner has of it', { bucket: 'owner-log', access: 'ReadOnly' }, 'granted ReadOnly'],
    ['to read where the owner may only write', { bucket: 'owner-drop' }, 'not-granted'],
    ["inside the owner's prefixes", { bucket: 'owner-files', key: 'out/x' }, 'granted ReadOnly'],
    ["outside the owner's prefixes", { bucket: 'owner-files', key: 'secret' }, 'prefix'],
    ['what was not shared', { bucket: 'owner-tmp-x' }, 'not-granted'],
    ['what does not exist', { bucket: 'nothing-here' }, 'not-granted'],
  ])('%s', (_what, question, expected) => {
    expect(shown(ask('reader', question))).toBe(expected);
  });

  it('and cannot tell what belongs to others from what does not exist', () => {
    expect(ask('reader', { bucket: 'owner-tmp-x' })).toEqual(
      ask('reader', { bucket: 'nothing-here' }),
    );
  });

  it('and has nothing to give when nobody of that name was declared', () => {
    const alone = new TenantIndex([owner]);
    expect(alone.tenants.has('reader')).toBe(false);
  });
});

describe('a bucket that two tenants claim', () => {
  const rival = aBareTenant('rival', { buckets: [{ name: 'owner-tmp-x' }] });
  const contested = new TenantIndex([
    owner,
    rival,
    aBareTenant('reader', { buckets: [{ name: 'owner-ledger' }] }),
  ]);

  it.each(['owner', 'rival'])('is denied to %s', (name) => {
    const tenant = tenantIn(contested, name);
    expect(askBucket(contested, tenant, { bucket: 'owner-tmp-x', ...writer })).toEqual({
      kind: 'denied',
      reason: 'not-granted',
    });
  });

  it('is denied to a receiver who claims it for itself, and to its owner', () => {
    for (const name of ['owner', 'reader']) {
      const answer = askBucket(contested, tenantIn(contested, name), {
        bucket: 'owner-ledger',
        ...writer,
      });
      expect(shown(answer)).toBe('not-granted');
    }
  });

  it('leaves the rest of the pattern to its owner', () => {
    const answer = askBucket(contested, tenantIn(contested, 'owner'), {
      bucket: 'owner-tmp-y',
      ...writer,
    });
    expect(shown(answer)).toBe('granted ReadWrite');
  });
});

describe('external buckets', () => {
  const tenant = tenantIn(index, 'owner');

  it('are what the tenant declared to be elsewhere', () => {
    expect(isExternalBucket(index, tenant, 'acme-gcs-1')).toBe(true);
    expect(isExternalBucket(index, tenant, 'acme-gcs')).toBe(false);
    expect(isExternalBucket(index, tenantIn(index, 'reader'), 'acme-gcs-1')).toBe(false);
  });

  it('never are buckets of this store, whoever declared what', () => {
    const late = new TenantIndex([
      owner,
      aBareTenant('late', { buckets: [{ name: 'acme-gcs-1' }] }),
    ]);
    expect(isExternalBucket(late, tenantIn(late, 'owner'), 'acme-gcs-1')).toBe(false);
    expect(isExternalBucket(late, tenantIn(late, 'owner'), 'acme-gcs-2')).toBe(true);
  });
});

describe('hasAnyGrant', () => {
  const closed = new TenantIndex([
    aBareTenant('closed', { buckets: [{ name: 'closed-a', serviceAccounts: ['writer'] }] }),
  ]);

  it('is true for accounts that are named, or when none is', () => {
    expect(hasAnyGrant(tenantIn(closed, 'closed'), 'writer')).toBe(true);
    expect(hasAnyGrant(tenantIn(index, 'owner'), 'anybody')).toBe(true);
    expect(hasAnyGrant(tenantIn(index, 'reader'), 'anybody')).toBe(true);
  });

  it('is false for others, and for everybody in a contested namespace', () => {
    expect(hasAnyGrant(tenantIn(closed, 'closed'), 'reader')).toBe(false);
    expect(hasAnyGrant(contestedTenant, 'writer')).toBe(false);
  });
});
