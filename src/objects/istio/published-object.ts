import type { FieldPath } from '../../admission/field-path.ts';
import { listOf, recordOf, textOf, type JsonRecord } from '../../admission/json.ts';
import type { GroupVersionKind } from '../../admission/review.ts';
import { parseHost } from '../../host/host.ts';
import {
  namedHost,
  namedHosts,
  namedRanges,
  type NamedHost,
  type NamedRange,
} from '../named-host.ts';
import { meshGateway } from './gateway-name.ts';

/** A ServiceEntry, VirtualService or DestinationRule: what it publishes, and to whom. */
export interface PublishedObject {
  readonly hosts: readonly NamedHost[];
  /** Addresses whose traffic it takes, whatever the host: of a ServiceEntry, or of a route for subnets. */
  readonly addresses: readonly NamedRange[];
  /** Gateways of a VirtualService, "mesh" left out. */
  readonly gateways: readonly string[];
  /** True when it has an effect on sidecars, as everything has but a VirtualService for gateways only. */
  readonly isForMesh: boolean;
  /** A VirtualService without hosts, which has an effect only where another one delegates to it. */
  readonly isDelegate: boolean;
  readonly exportTo: readonly { readonly path: FieldPath; readonly text: string }[];
}

const publishedKinds: ReadonlySet<string> = new Set([
  'ServiceEntry',
  'VirtualService',
  'DestinationRule',
]);

/**
 * Reads one of the three kinds; undefined for every other.
 * @param namespace completes a VirtualService's or DestinationRule's host without a dot, as Istio does
 */
export function readPublishedObject(
  object: JsonRecord,
  {
    kind: { group, kind },
    namespace,
  }: { readonly kind: GroupVersionKind; readonly namespace: string },
): PublishedObject | undefined {
  if (group !== 'networking.istio.io' || !publishedKinds.has(kind)) return undefined;
  const spec = recordOf(object['spec']);
  const written =
    kind === 'DestinationRule'
      ? [namedHost(spec['host'], ['spec', 'host'])]
      : namedHosts(spec['hosts'], ['spec', 'hosts']);
  const isEntry = kind === 'ServiceEntry';
  const gateways = kind === 'VirtualService' ? gatewaysOf(spec) : [];
  return {
    hosts: isEntry ? written : written.map((host) => completed(host, namespace)),
    addresses: isEntry
      ? namedRanges(spec['addresses'], ['spec', 'addresses'])
      : routedSubnets(spec),
    gateways: gateways.filter((name) => name !== meshGateway),
    isForMesh: gateways.length === 0 || gateways.includes(meshGateway),
    isDelegate: kind === 'VirtualService' && written.length === 0,
    exportTo: listOf(spec['exportTo']).map((value, index) => ({
      path: ['spec', 'exportTo', index],
      text: textOf(value) ?? '',
    })),
  };
}

function completed(named: NamedHost, namespace: string): NamedHost {
  const { host } = named;
  if (host.kind !== 'name' || host.name.includes('.')) return named;
  return { ...named, host: parseHost(`${host.name}.${namespace}.svc`) };
}

/** Without gateways, or with "mesh" among them, a VirtualService is bound to all sidecars. */
function gatewaysOf(spec: JsonRecord): readonly string[] {
  return listOf(spec['gateways']).map((name) => textOf(name) ?? meshGateway);
}

/** Where a VirtualService's routes for TCP and TLS match by address. */
function routedSubnets(spec: JsonRecord): readonly NamedRange[] {
  return ['tcp', 'tls'].flatMap((protocol) =>
    listOf(spec[protocol]).flatMap((route, index) =>
      listOf(recordOf(route)['match']).flatMap((match, at) =>
        namedRanges(recordOf(match)['destinationSubnets'], [
          ...['spec', protocol, index, 'match', at],
          'destinationSubnets',
        ]),
      ),
    ),
  );
}
