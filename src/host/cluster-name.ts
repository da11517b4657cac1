/** A name of a Kubernetes Service, seen through every form the resolver's search path accepts. */
export interface ClusterName {
  readonly service: string;
  readonly namespace: string;
}

/**
 * Reads "svc.ns.svc.cluster.local", "svc.ns.svc" and deeper names such as a StatefulSet pod's.
 * Undefined for names that do not end in `.svc` or the cluster domain; an empty namespace means the
 * name is of the cluster but of no Service ("kubernetes.cluster.local", "*.pod.cluster.local").
 * @param name in normal form
 */
export function parseClusterName(name: string, clusterDomain: string): ClusterName | undefined {
  const suffix = `.${clusterDomain}`;
  if (name === clusterDomain || name === 'svc') return { service: '', namespace: '' };
  const isQualified = name.endsWith(suffix);
  const rest = isQualified ? name.slice(0, -suffix.length) : name;
  const labels = rest.split('.');
  if (labels.at(-1) !== 'svc') {
    return isQualified ? { service: '', namespace: '' } : undefined;
  }
  const namespace = labels.at(-2) ?? '';
  return { service: labels.at(-3) ?? '', namespace };
}

/**
 * Reads "minio.storage" or "minio-0.minio-hl.storage": a Service, or a pod behind one, as the search
 * path of other namespaces completes it. `isNamespace` decides alone, so that a namespace called like
 * a top-level domain ("storage") wins over that domain. Undefined for names of one label and for names
 * whose last label is not a known namespace.
 * @param name in normal form, without ".svc" or the cluster domain (`parseClusterName` reads those)
 */
export function shortFormOf(
  name: string,
  isNamespace: (label: string) => boolean,
): ClusterName | undefined {
  const labels = name.split('.');
  const namespace = labels.at(-1);
  const service = labels.at(-2);
  if (namespace === undefined || service === undefined) return undefined;
  return isNamespace(namespace) ? { service, namespace } : undefined;
}

/** Every search-path form under which pods of other namespaces reach a Service. */
export function serviceAliases(
  { service, namespace }: ClusterName,
  clusterDomain: string,
): readonly string[] {
  return [
    `${service}.${namespace}`,
    `${service}.${namespace}.svc`,
    `${service}.${namespace}.svc.${clusterDomain}`,
  ];
}
