import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { listOf, recordOf, textOf, type JsonRecord } from '../../src/admission/json.ts';
import { compileSettings } from '../../src/settings/settings.ts';
import { findBucketReferences } from '../../src/objects/workload/bucket-references.ts';
import { findWorkload } from '../../src/objects/workload/pod-template.ts';
import { aConfig } from '../builders.ts';
import { describeWith, objectsIn, thirdParty } from '../third-party.ts';

const settings = compileSettings(aConfig());

/** References of the index that are not found, and why that is as it should be. */
const notCovered: Readonly<Record<string, string>> = {
  '03 ConfigMap data[stage-data.sh]': 'a ConfigMap, not a workload',
  '04 ConfigMap data[replicate-data.sh]': 'a ConfigMap, not a workload',
  '07 RayCluster headGroupSpec.template.spec.containers[1].env S3_BUCKET':
    'several pod specs in a custom kind',
  '07 workerGroupSpecs[0]... env S3_BUCKET': 'several pod specs in a custom kind',
  '08 ConfigMap data[sample_code.py]': 'a ConfigMap, not a workload',
  '12 Deployment env OBJECTSTORECONFIG_BUCKETNAME valueFrom.configMapKeyRef pipeline-install-config/bucketName':
    'no well-known name of a variable; the platform adds it to detection.env',
  '13 ConfigMap data.bucketName': 'a ConfigMap, not a workload',
};

interface Reference {
  readonly label: string;
  readonly bucket: string | undefined;
  readonly style: string;
}

interface Entry {
  readonly file: string;
  readonly references: readonly Reference[];
}

describeWith(thirdParty.corpus, 'buckets in real manifests', () => {
  const entries = readIndex();

  it.each(entries)(
    '$file: every bucket of the index is found, and no other',
    ({ file, references }) => {
      const found = new Set(objectsIn(thirdParty.corpus, `buckets/${file}`).flatMap(bucketsOf));
      const expected = references.flatMap(({ label, bucket }) =>
        bucket === undefined || label in notCovered ? [] : [bucket],
      );
      expect([...found].sort()).toEqual([...new Set(expected)].sort());
    },
  );

  it('the list of what is not covered has no entry too many', () => {
    const labels = entries.flatMap(({ references }) =>
      references.filter(({ style }) => !notBuckets.has(style)).map(({ label }) => label),
    );
    expect(Object.keys(notCovered).filter((label) => !labels.includes(label))).toEqual([]);
  });

  it('what has no bucket in the index hides none from us', () => {
    const open = entries.flatMap(({ references }) =>
      references
        .filter(
          ({ bucket, style, label }) =>
            bucket === undefined && !notBuckets.has(style) && !(label in notCovered),
        )
        .map(({ label }) => label),
    );
    expect(open).toEqual([]);
  });

  it('nothing in them is taken for a bucket that cannot be known', () => {
    const unknown = entries.flatMap(({ file }) =>
      objectsIn(thirdParty.corpus, `buckets/${file}`).flatMap((object) =>
        (referencesOf(object)?.unknown ?? []).map((path) => `${file} ${path.join('.')}`),
      ),
    );
    expect(unknown).toEqual([]);
  });
});

/** Entries of the index about endpoints and key prefixes, which name no bucket. */
const notBuckets = new Set(['endpoint-only', 'prefix-and-endpoint-in-separate-env']);

function readIndex(): Entry[] {
  const text = readFileSync(`${thirdParty.corpus.path}/buckets/index.json`, 'utf8');
  const index: unknown = JSON.parse(text);
  return listOf(index).map((item) => {
    const { file, bucketRefs } = recordOf(item);
    const name = textOf(file) ?? '';
    const references = listOf(bucketRefs).map((value) => {
      const { at, bucket, style } = recordOf(value);
      return {
        label: `${name.slice(0, 2)} ${textOf(at) ?? ''}`,
        bucket: textOf(bucket),
        style: textOf(style) ?? '',
      };
    });
    return { file: name, references };
  });
}

function bucketsOf(object: JsonRecord): string[] {
  return (referencesOf(object)?.known ?? []).map(({ bucket }) => bucket);
}

function referencesOf(object: JsonRecord): ReturnType<typeof findBucketReferences> | undefined {
  const [version = '', group = ''] = (textOf(object['apiVersion']) ?? '').split('/').reverse();
  const kind = { group, version, kind: textOf(object['kind']) ?? '' };
  const workload = findWorkload(object, kind, settings.detection.podSpecPaths);
  return workload && findBucketReferences(workload, settings);
}
