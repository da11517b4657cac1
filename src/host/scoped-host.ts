/** A host of a Gateway or Sidecar, where a namespace may stand in front: "ns/host", "./host". */
export interface ScopedHost {
  /** Undefined when nothing is written before the host. */
  readonly namespace: string | undefined;
  readonly host: string;
}

/** Splits at the first slash; the host part is not judged here. */
export function parseScopedHost(text: string): ScopedHost {
  const slash = text.indexOf('/');
  if (slash === -1) return { namespace: undefined, host: text };
  return { namespace: text.slice(0, slash), host: text.slice(slash + 1) };
}
