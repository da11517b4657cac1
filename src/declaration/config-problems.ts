import type { BucketwardenConfig } from './bucketwarden-config.ts';
import { parseCidr } from '../host/address.ts';
import { parseHost } from '../host/host.ts';
import type { DeclarationProblem } from './validate.ts';

/**
 * Everything a schema cannot check. A name or range that cannot be read would silently protect nothing,
 * so the file is refused instead.
 */
export function configProblems(config: BucketwardenConfig): DeclarationProblem[] {
  const { endpoints, sts } = config.storage;
  return [
    ...endpoints.flatMap((text, index) => endpointProblem(text, ['storage', 'endpoints', index])),
    ...(sts.endpoint === '' ? [] : endpointProblem(sts.endpoint, ['storage', 'sts', 'endpoint'])),
    ...config.protected.hosts.flatMap((text, index) =>
      problemAt(['protected', 'hosts', index], text, hostProblem(text)),
    ),
    ...config.protected.cidrs.flatMap((text, index) =>
      problemAt(['protected', 'cidrs', index], text, cidrProblem(text)),
    ),
    ...repeatedTemplates(config),
  ];
}

/** Of two pod specs of one kind only one would be read. */
function repeatedTemplates({ detection }: BucketwardenConfig): DeclarationProblem[] {
  const seen = new Set<string>();
  return detection.templates.flatMap(({ apiVersion, kind }, index) => {
    const name = `${apiVersion} ${kind}`;
    const isRepeated = seen.has(name);
    seen.add(name);
    const path = ['detection', 'templates', index, 'kind'];
    return isRepeated
      ? problemAt(path, kind, 'is listed already; one pod spec is read per kind')
      : [];
  });
}

/** Why a range cannot be declared; undefined when it can. */
export function cidrProblem(text: string): string | undefined {
  const range = parseCidr(text);
  if (range === undefined) return 'is not an IP address or range';
  return range.text === text ? undefined : `is not in normal form; write "${range.text}"`;
}

function endpointProblem(text: string, path: DeclarationProblem['path']): DeclarationProblem[] {
  if (!URL.canParse(text)) return problemAt(path, text, 'is not a URL');
  const { hostname } = new URL(text);
  const { kind } = parseHost(hostname);
  if (kind === 'name' || kind === 'address') return [];
  return problemAt(path, text, `is not a URL of a store: "${hostname}" is not a host name`);
}

function hostProblem(text: string): string | undefined {
  const host = parseHost(text);
  if (host.kind === 'invalid') return host.reason;
  return host.kind === 'address' ? 'is an IP address; write it in protected.cidrs' : undefined;
}

function problemAt(
  path: DeclarationProblem['path'],
  text: string,
  reason: string | undefined,
): DeclarationProblem[] {
  return reason === undefined ? [] : [{ path, message: `"${text}" ${reason}` }];
}

/** The message about a rule id that does not exist. */
export function unknownRule(id: string): string {
  return `unknown rule "${id}"; see \`bucketwarden policy list\``;
}
