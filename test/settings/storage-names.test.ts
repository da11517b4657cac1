import { describe, expect, it } from 'vitest';
import {
  compileStorageNames,
  isStorageHost,
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
    expect(isStorageHost(storage, host)).toBe(true);
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
    expect(isStorageHost(storage, host)).toBe(false);
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
