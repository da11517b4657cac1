import { expect, it } from 'vitest';
import { askBucket, isExternalBucket } from '../../src/tenant/ask-bucket.ts';
import { isGrantedHost } from '../../src/tenant/ask-host.ts';
import { TenantIndex } from '../../src/tenant/tenant-index.ts';
import type { Tenant } from '../../src/tenant/tenant.ts';
import type { StorageTenant } from '../../src/declaration/storage-tenant.ts';
import { pattern } from '../bucket/arbitraries.ts';
import { claim } from '../host/arbitraries.ts';
import { aBareTenant, tenantIn } from './surroundings.ts';

const look = aBareTenant('look', {
  buckets: [{ name: 'look-ledger' }, { name: 'look-tmp-*' }],
  egress: { hosts: ['*.look.example.com'] },
  ingress: { hosts: ['look.example.net'] },
  externalBuckets: ['look-gcs-*'],
});

/** One declaration under many names: decoding 10 000 would take longer than the test. */
function many(count: number): StorageTenant[] {
  return Array.from({ length: count }, (_, number) => {
    const name = `t${number}`;
    return {
      ...look,
      metadata: { name },
      spec: {
        ...look.spec,
        namespaces: [name],
        buckets: [
          {
            name: `${name}-ledger`,
            access: 'ReadWrite',
            sharedWith: [{ tenant: 'look', access: 'ReadOnly' }],
          },
          { name: `${name}-tmp-*`, access: 'ReadWrite' },
        ],
        egress: { hosts: [`*.${name}.example.com`] },
        ingress: { hosts: [`${name}.example.net`] },
      },
    };
  });
}

const lookUps: readonly (readonly [string, (index: TenantIndex, tenant: Tenant) => unknown])[] = [
  ['whose a namespace is', (index) => index.tenantOf('look')],
  ['whose an unclaimed namespace is', (index) => index.tenantOf('nobody')],
  ['claims on a namespace', (index) => index.claimsOnNamespace('look')],
  ['claims on a bucket', (index) => index.claimsOnBuckets(pattern('look-ledger'))],
  ['claims on a pattern', (index) => index.claimsOnBuckets(pattern('look-tmp-x-*'))],
  ['claims on a public host', (index) => index.claimsOnIngress(claim('look.example.net'))],
  ['a foreign public host', (index) => index.isForeignIngress(claim('t1.example.net'), 'look')],
  ['a managed bucket', (index) => index.isManagedBucket('t1-tmp-x')],
  ['a contested bucket', (index) => index.isContestedBucket('look-tmp-x')],
  [
    'a granted host',
    (index, tenant) =>
      isGrantedHost(index, tenant, { host: claim('a.look.example.com'), grants: 'either' }),
  ],
  [
    'a foreign host',
    (index, tenant) =>
      isGrantedHost(index, tenant, { host: claim('a.t1.example.com'), grants: 'either' }),
  ],
  [
    'an own bucket',
    (index, tenant) => askBucket(index, tenant, { bucket: 'look-tmp-x', serviceAccount: 'a' }),
  ],
  [
    'a shared bucket',
    (index, tenant) => askBucket(index, tenant, { bucket: 't1-ledger', serviceAccount: 'a' }),
  ],
  [
    'a foreign bucket',
    (index, tenant) => askBucket(index, tenant, { bucket: 't1-tmp-x', serviceAccount: 'a' }),
  ],
  ['an external bucket', (index, tenant) => isExternalBucket(index, tenant, 'look-gcs-x')],
];

const sizes = [10, 10_000].map((count) => {
  const index = new TenantIndex([look, ...many(count)]);
  return { index, tenant: tenantIn(index, 'look') };
});

const methods = {
  keyed: ['get', 'has'],
  maps: ['forEach', 'keys', 'values', 'entries'],
  lists: ['filter', 'find', 'findIndex', 'some', 'every', 'map', 'flatMap', 'reduce', 'forEach'],
};

/** Steps of a look-up: each keyed access is one, a walk through a map or list is its whole size. */
function countSteps(run: () => unknown): number {
  let steps = 0;
  const count = (more: number): void => {
    steps += more;
  };
  const restore = [
    ...methods.keyed.map((name) =>
      instrument(Map.prototype, name, () => {
        count(1);
      }),
    ),
    ...methods.maps.map((name) =>
      instrument(Map.prototype, name, ({ size = 0 }) => {
        count(size);
      }),
    ),
    ...methods.lists.map((name) =>
      instrument(Array.prototype, name, ({ length = 0 }) => {
        count(length);
      }),
    ),
  ];
  try {
    run();
  } finally {
    for (const undo of restore) undo();
  }
  return steps;
}

interface Sized {
  readonly size?: number;
  readonly length?: number;
}

/** Has a method tell of each call; returns how to undo it. */
function instrument(prototype: object, name: string, tell: (self: Sized) => void): () => void {
  const original: unknown = Reflect.get(prototype, name);
  if (typeof original !== 'function') throw new Error(name);
  const set = (value: unknown): void => {
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  };
  set(function (this: Sized, ...values: unknown[]): unknown {
    tell(this);
    const result: unknown = Reflect.apply(original, this, values);
    return result;
  });
  return () => {
    set(original);
  };
}

it.each(lookUps)('takes the same steps among 10 tenants and among 10 000: %s', (_name, lookUp) => {
  const [few, most] = sizes.map(({ index, tenant }) => countSteps(() => lookUp(index, tenant)));
  expect(most).toBe(few);
});

it('would notice a look-up that walks through all tenants', () => {
  const [few, most] = sizes.map(({ index }) =>
    countSteps(() => [...index.tenants.values()].find(({ namespaces }) => namespaces.has('look'))),
  );
  expect(most).toBeGreaterThan(few ?? 0);
});
