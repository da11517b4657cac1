import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBucketReferences } from '../../src/objects/workload/bucket-references.ts';
import { findWorkload } from '../../src/objects/workload/pod-template.ts';
import { compileSettings, type Settings } from '../../src/settings/settings.ts';
import { aConfig, aPodWith } from '../builders.ts';

const endpoints = ['https://minio.storage.svc.cluster.local:9000', 'https://Data.example.com'];
const settings = compileSettings(
  aConfig({ storage: { endpoints }, detection: { schemes: ['s3', 's3a', 'blob'] } }),
);
const thorough: Settings = { ...settings, isWorthReading: () => true };

const kind = { group: '', version: 'v1', kind: 'Pod' };

function found(text: string, by: Settings): unknown {
  const pod = aPodWith({
    args: [text],
    env: [
      { name: 'ANY', value: text },
      { name: 'S3_BUCKET', value: text },
    ],
    workingDir: text,
  });
  const workload = findWorkload(pod, kind, new Map());
  return workload && findBucketReferences(workload, by);
}

const piece = fc.oneof(
  fc.constantFrom('s3', 's3a', 'S3', 'blob', 'http', 'https', 'ftp', 'aws', ':', '/', '//', '://'),
  fc.constantFrom('minio.storage', 'minio', 'data.example.com', 'DATA.example.com', 'other.net'),
  fc.constantFrom(
    ':9000',
    '/bucket-a/key',
    'bucket-b',
    '.',
    '@',
    'key:secret@',
    '=',
    ',',
    '-',
    '--',
  ),
  fc.constantFrom('AWS_SECRET_ACCESS_KEY=', 'fs.s3a.secret.key=', 'RCLONE_S3_ACCESS_KEY_ID=', 'x'),
  fc.constantFrom('arn:s3:::', '$HOME', '%61', '\\', ' ', '"', '\u3002', '#', '?', '&', '+', '~'),
);

describe('a text that is not worth reading', () => {
  it('names no bucket and holds no key, whatever it is made of', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        expect(found(text, settings)).toEqual(found(text, thorough));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['--config=/etc/report.yaml', false],
    ['http://otel-collector.observability:4317', false],
    ['postgres://db:5432/report', false],
    ['s3://bucket-a', true],
    ['blob:/bucket-a', true],
    ['data.EXAMPLE.com/bucket-a', true],
    ['$ENDPOINT/bucket-a', true],
    ['http%3A//x', true],
  ])('is told apart: %s', (text, isWorthReading) => {
    expect(settings.isWorthReading(text)).toBe(isWorthReading);
  });

  it('does not exist where the store has an address, which has too many spellings', () => {
    const byAddress = compileSettings(aConfig({ storage: { endpoints: ['https://10.0.0.1'] } }));
    expect(byAddress.isWorthReading('http://167772161/bucket-a')).toBe(true);
  });
});
