/** The reserved gateway of a VirtualService that stands for all sidecars. */
export const meshGateway = 'mesh';

/**
 * The namespace of a gateway as a VirtualService names it: "istio-system/public", "public" (the own
 * namespace), or the older "public.istio-system.svc.cluster.local" (istio/istio
 * pilot/pkg/model/virtualservice.go, resolveGatewayName).
 */
export function gatewayNamespace(name: string, ownNamespace: string): string {
  const slash = name.indexOf('/');
  if (slash !== -1) {
    const namespace = name.slice(0, slash);
    return namespace === '.' ? ownNamespace : namespace;
  }
  const [, second] = name.split('.', 2);
  return second ?? ownNamespace;
}
