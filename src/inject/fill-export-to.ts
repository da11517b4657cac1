import { isDeepStrictEqual } from 'node:util';
import { add, type PatchOperation } from '../admission/json-patch.ts';
import { isRecord } from '../admission/json.ts';
import { exportReachOf } from '../objects/istio/export-reach.ts';
import { authorIn } from '../rules/istio/claimant.ts';
import { exportMatch } from '../rules/istio/subject.ts';
import { classOf } from '../settings/settings.ts';
import type { Mutation } from './mutation.ts';

/**
 * Without `exportTo` Istio publishes an object to the whole mesh. Few people write the field, so it is
 * filled in rather than demanded. An UPDATE that leaves the spec alone is left alone, too: removing a
 * finalizer must not change what the object does.
 */
export const fillExportTo: Mutation = {
  id: 'fill-export-to',
  title: 'Istio objects about hosts beyond their own namespace are exported no further than needed',
  match: exportMatch,
  mutate({ review }): readonly PatchOperation[] {
    const { object, oldObject, namespace, world, published } = review;
    const { spec } = object;
    const namespaceClass = classOf(world.settings, namespace);
    if (namespaceClass === 'exempt' || namespaceClass === 'platform') return [];
    if (!isRecord(spec) || published === undefined) return [];
    if (oldObject !== undefined && isDeepStrictEqual(spec, oldObject['spec'])) return [];
    const { exportTo } = spec;
    if (exportTo !== undefined && exportTo !== null && !isEmptyList(exportTo)) return [];
    const claimant = authorIn(namespace, world);
    const { filled } = exportReachOf(published, { namespace, claimant });
    return filled === undefined ? [] : [add(['spec', 'exportTo'], filled)];
  },
};

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
