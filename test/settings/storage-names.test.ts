import { describe, expect, it } from 'vitest';
import {
  compileStorageNames,
  isPodOfStore,
  readStoreHost,
  virtualHostedBucket,
} from '../../src/settings/storage-names.ts';

const storage = compileStorageNames(
  [
    'https://minio.storage.svc.cluster.local:9000',
    'https://S3.Example.com.',
    'http://10.1.2.3:9000',
    'http://[fd00::5]:9000',
  ],
  { clusterDomain: 'cluster.local', storageNamespace: 'storage' },
);

describe('the store', () => {
  it.each([
    'minio.storage',
    'minio.storage.svc',
    'minio.storage.svc.cluster.local',
    'MinIO.Storage.svc.cluster.local.',
    'ＭｉｎＩＯ.storage',
    'minio%2Estorage',
    '%6dinio。storage',
    's3.example.com',
    '10.1.2.3',
    '10.1.2.3.',
    '0x0a010203',
    '167838211',
    '012.1.2.3',
    '::ffff:10.1.2.3',
    '[fd00::5]',
    'FD00:0:0::5',
  ])('is known as %s', (host) => {
    expect(readStoreHost(storage, host)).toEqual({ kind: 'store' });
  });

  it.each([
    'minio',
    'minio.storage.svc.example.com',
    'minio.storage.evil',
    'evilminio.storage',
    'a.minio.storage',
    's3.example.com.evil',
    'evils3.example.com',
    '10.1.2.30',
    '*.storage',
    '',
  ])('is not %j', (host) => {
    expect(readStoreHost(storage, host)?.kind).not.toBe('store');
  });

  it('found by a short endpoint is found in its namespace only', () => {
    const short = compileStorageNames(['http://minio.storage:9000'], {
      clusterDomain: 'k8s.example',
      storageNamespace: 'storage',
    });
    expect([...short.names]).toEqual([
      'minio.storage',
      'minio.storage.svc',
      'minio.storage.svc.k8s.example',
    ]);
    expect([...short.shortNames]).toEqual(['minio']);
    expect(short.ports).toEqual(new Set(['9000']));
  });
});

describe('a mention of the store in a text', () => {
  it.each([
    'see minio.storage:9000/x',
    'MINIO%2eSTORAGE',
    'ｍｉｎｉｏ．storage.svc',
    'http://10.1.2.3/',
    'http://[fd00::5]:9000',
  ])('is found in %s', (text) => {
    expect(text.search(storage.mention ?? /^$/)).not.toBe(-1);
  });

  it.each(['minio', 'minioXstorage', 's3.example.org', '10.1.2.4', 'fd00::5'])(
    'is not in %s',
    (text) => {
      expect(text.search(storage.mention ?? /./)).toBe(-1);
    },
  );

  it('is not looked for where the store has a single label', () => {
    const single = compileStorageNames(['http://minio:9000'], {
      clusterDomain: 'cluster.local',
      storageNamespace: 'storage',
    });
    expect(single.mention).toBeUndefined();
  });
});

describe('a pod of the store', () => {
  it.each([
    ['minio-0', 'minio-0.minio.storage.svc', true],
    ['minio-pool-1-12', 'MINIO-pool-1-12.minio.storage.', true],
    ['minio', 'minio.minio.storage.svc', false],
    ['data-2027', 'data-2027.s3.example.com', false],
  ])('%s in %s: %s', (bucket, host, expected) => {
    expect(isPodOfStore(storage, { bucket, host })).toBe(expected);
  });
});

describe('a virtual-hosted name', () => {
  it.each([
    ['ledger.s3.example.com', 'ledger'],
    ['Ledger.S3.example.com.', 'ledger'],
    ['led.ger.s3.example.com', 'led.ger'],
    ['ledger.minio.storage.svc', 'ledger'],
  ])('%s names bucket %s', (host, bucket) => {
    expect(virtualHostedBucket(storage, host)).toBe(bucket);
  });

  it.each([
    's3.example.com',
    '.s3.example.com',
    'ledgers3.example.com',
    'ledger.s3.example.com.evil',
    'minio',
    '',
  ])('%j names none', (host) => {
    expect(virtualHostedBucket(storage, host)).toBeUndefined();
  });

  it('is none when no resolver would take it, so that a mebibyte of dots costs nothing', () => {
    expect(virtualHostedBucket(storage, `${'a.'.repeat(2 ** 19)}s3.example.com`)).toBeUndefined();
    expect(virtualHostedBucket(storage, `${'a'.repeat(239)}.s3.example.com`)).toHaveLength(239);
  });
});
