import type { FieldPath } from '../../admission/field-path.ts';
import { listOf, recordOf, textOf } from '../../admission/json.ts';
import type { Workload } from './pod-template.ts';

/** A volume with service account tokens of their own audience. */
export interface TokenVolume {
  readonly name: string;
  readonly value: unknown;
  readonly tokens: readonly { readonly path: FieldPath; readonly audience: string }[];
}

/** Every volume that projects tokens; one without an audience is for the API server and left out. */
export function tokenVolumes({ spec, specPath }: Workload): TokenVolume[] {
  return listOf(spec['volumes']).flatMap((value, index) => {
    const sources = listOf(recordOf(recordOf(value)['projected'])['sources']);
    const tokens = sources.flatMap((source, at) => {
      const audience = textOf(recordOf(recordOf(source)['serviceAccountToken'])['audience']);
      if (audience === undefined || audience === '') return [];
      const inVolume = ['projected', 'sources', at, 'serviceAccountToken', 'audience'];
      return [{ path: [...specPath, 'volumes', index, ...inVolume], audience }];
    });
    return tokens.length === 0
      ? []
      : [{ name: textOf(recordOf(value)['name']) ?? '', value, tokens }];
  });
}
