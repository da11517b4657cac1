import type { FieldPath } from '../../admission/field-path.ts';
import { listOf, recordOf, type JsonRecord } from '../../admission/json.ts';
import { parseClusterName } from '../../host/cluster-name.ts';
import { parseHost } from '../../host/host.ts';
import { isTopLevelDomain } from '../../host/wildcard.ts';

/** A host as an object names it; `text` is undefined when the value is no string. */
export interface NamedHost {
  readonly text: string | undefined;
  readonly path: FieldPath;
}

/** The hosts a ServiceEntry, VirtualService or DestinationRule publishes. */
export function publishedHosts(object: JsonRecord, kind: string): readonly NamedHost[] {
  const spec = recordOf(object['spec']);
  if (kind === 'DestinationRule') return [named(spec['host'], ['spec', 'host'])];
  return listOf(spec['hosts']).map((host, index) => named(host, ['spec', 'hosts', index]));
}

/**
 * True when a host is a Service of the object's own namespace. VirtualService and DestinationRule
 * complete a name without a dot by their namespace; a ServiceEntry takes it as it is.
 */
export function isOwnService(
  text: string | undefined,
  { kind, namespace, clusterDomain }: { kind: string; namespace: string; clusterDomain: string },
): boolean {
  const host = parseHost(text ?? '');
  if (host.kind !== 'name') return false;
  if (!host.name.includes('.')) return kind !== 'ServiceEntry';
  const [service, first, ...more] = host.name.split('.');
  if (service !== '' && first === namespace && more.length === 0) return !isTopLevelDomain(first);
  return parseClusterName(host.name, clusterDomain)?.namespace === namespace;
}

/**
 * True when an object publishes nothing but Services of its own namespace. A ServiceEntry with virtual
 * addresses does more: it takes the traffic to them, whatever the name.
 */
export function isAboutOwnServices(
  object: JsonRecord,
  about: { readonly kind: string; readonly namespace: string; readonly clusterDomain: string },
): boolean {
  const hosts = publishedHosts(object, about.kind);
  const takesAddresses =
    about.kind === 'ServiceEntry' && listOf(recordOf(object['spec'])['addresses']).length > 0;
  return (
    !takesAddresses && hosts.length > 0 && hosts.every(({ text }) => isOwnService(text, about))
  );
}

function named(value: unknown, path: FieldPath): NamedHost {
  return { text: typeof value === 'string' ? value : undefined, path };
}
