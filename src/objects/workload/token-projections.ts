import type { FieldPath } from '../../admission/field-path.ts';
import { listOf, recordOf, textOf } from '../../admission/json.ts';
import type { Workload } from './pod-template.ts';

/** A service account token that a volume projects for an audience. */
export interface TokenProjection {
  /** Of the audience. */
  readonly path: FieldPath;
  readonly audience: string;
  readonly volume: { readonly name: string; readonly value: unknown };
}

/** Every token with an audience of its own; without one it is for the API server. */
export function tokenProjections({ spec, specPath }: Workload): TokenProjection[] {
  return listOf(spec['volumes']).flatMap((value, index) => {
    const volume = { name: textOf(recordOf(value)['name']) ?? '', value };
    const sources = listOf(recordOf(recordOf(value)['projected'])['sources']);
    return sources.flatMap((source, at) => {
      const audience = textOf(recordOf(recordOf(source)['serviceAccountToken'])['audience']);
      if (audience === undefined || audience === '') return [];
      const inVolume = ['projected', 'sources', at, 'serviceAccountToken', 'audience'];
      return [{ path: [...specPath, 'volumes', index, ...inVolume], audience, volume }];
    });
  });
}
