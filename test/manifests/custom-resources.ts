import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { listOf, recordOf, textOf, valueAt } from '../../src/admission/json.ts';
import { thirdParty } from '../third-party.ts';
import { readDocuments } from './manifest-files.ts';

/** What a registration must agree with: "group/plural" → scope and served versions. */
export type Crds = ReadonlyMap<string, { readonly scope: string; readonly served: string[] }>;

/** The CRDs of a file of the third-party test data; CI must have it. */
export function testCrds(
  name: string,
):
  | { readonly kind: 'found'; readonly crds: Crds }
  | { readonly kind: 'missing'; readonly reason: string } {
  const { path, variable } = thirdParty.data;
  const file = pathToFileURL(`${path}/crds/${name}`);
  if (existsSync(file)) return { kind: 'found', crds: crdsOf(readDocuments(file)) };
  const reason = `skipped: ${file.pathname} is not there (${variable})`;
  if (process.env['CI'] === 'true') throw new Error(`${reason}, which CI does not allow`);
  process.stderr.write(`${reason}\n`);
  return { kind: 'missing', reason };
}

export function crdsOf(objects: readonly unknown[]): Crds {
  return new Map(
    objects.map((object) => {
      const spec = recordOf(valueAt(object, ['spec']));
      const served = listOf(spec['versions']).flatMap((version) =>
        valueAt(version, ['served']) === true ? (textOf(valueAt(version, ['name'])) ?? []) : [],
      );
      const plural = textOf(valueAt(spec, ['names', 'plural'])) ?? '';
      return [
        `${textOf(spec['group']) ?? ''}/${plural}`,
        { scope: textOf(spec['scope']) ?? '', served },
      ];
    }),
  );
}
