/** A service account. Kubernetes, the store and the mesh each have their own name for it. */
export interface ServiceAccountRef {
  readonly namespace: string;
  readonly name: string;
}

/** The `sub` of its Kubernetes tokens, and so the store's `jwt:sub`. */
export function subjectOf({ namespace, name }: ServiceAccountRef): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** Its SPIFFE ID in an Istio mesh. */
export function spiffeIdOf({ namespace, name }: ServiceAccountRef, trustDomain: string): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${name}`;
}

/** STS accepts 2 to 64 characters of letters, digits and "+=,.@_-" as RoleSessionName. */
const maxSessionNameLength = 64;

/** The session name that the store logs: "<namespace>.<account>", cut to what STS accepts. */
export function sessionNameOf({ namespace, name }: ServiceAccountRef): string {
  return `${namespace}.${name}`.slice(0, maxSessionNameLength);
}
