import { add, type PatchOperation } from '../admission/json-patch.ts';
import { isRecord } from '../admission/json.ts';
import { isAboutOwnServices } from '../objects/istio/published-hosts.ts';
import type { Mutation } from './mutation.ts';

/**
 * Without `exportTo` Istio publishes an object to the whole mesh. Nearly nobody writes the field, so
 * it is filled in rather than demanded; objects about Services of the own namespace keep the default,
 * because their clients elsewhere need them.
 */
export const fillExportTo: Mutation = {
  id: 'fill-export-to',
  title: 'Istio objects of a tenant about hosts beyond its namespace stay in its namespace',
  match: [
    {
      group: 'networking.istio.io',
      resources: ['serviceentries', 'virtualservices', 'destinationrules'],
      operations: ['CREATE', 'UPDATE'],
    },
  ],
  mutate({ rules }): readonly PatchOperation[] {
    const { object, kind, namespace, tenant, settings } = rules;
    const { spec } = object;
    if (tenant === undefined || !isRecord(spec)) return [];
    if (Array.isArray(spec['exportTo']) && spec['exportTo'].length > 0) return [];
    const { clusterDomain } = settings.config.mesh;
    if (isAboutOwnServices(object, { kind: kind.kind, namespace, clusterDomain })) return [];
    return [add(['spec', 'exportTo'], ['.'])];
  },
};
