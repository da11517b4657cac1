import type { FieldPath } from '../admission/field-path.ts';
import type { StorageTenant } from '../declaration/storage-tenant.ts';
import type { DeclarationProblem } from '../declaration/validate.ts';
import { parseClusterName } from '../host/cluster-name.ts';
import { hostText, parseHost } from '../host/host.ts';
import { overlaps, wildcardProblem } from '../host/wildcard.ts';
import type { Settings } from '../settings/settings.ts';
import { claimedBy, type TenantSurroundings } from './claims.ts';

/** Hosts nobody may be granted, and ingress hosts claimed twice. */
export function hostProblems(
  { metadata, spec }: StorageTenant,
  { tenants, settings }: TenantSurroundings,
): DeclarationProblem[] {
  const judge = (texts: readonly string[], path: FieldPath): DeclarationProblem[] =>
    texts.flatMap((text, index) => {
      const here = [...path, index];
      const host = parseHost(text);
      const own = grantProblem(text, settings);
      if (own !== undefined) return [{ path: here, message: `"${text}" ${own}` }];
      if (host.kind !== 'name' && host.kind !== 'wildcard') return [];
      return claimedBy(tenants.claimsOnIngress(host), metadata.name).map((owner) => ({
        path: here,
        message: `"${text}" overlaps an ingress host of tenant "${owner}"`,
      }));
    });
  return [
    ...judge(spec.egress?.hosts ?? [], ['spec', 'egress', 'hosts']),
    ...judge(spec.ingress?.hosts ?? [], ['spec', 'ingress', 'hosts']),
  ];
}

/** Why a host cannot be granted to any tenant. */
function grantProblem(text: string, settings: Settings): string | undefined {
  const host = parseHost(text);
  if (host.kind === 'invalid') return host.reason;
  if (host.kind === 'address') return 'is an address; grant it as egress.cidrs';
  if (host.kind === 'wildcard') {
    const problem = wildcardProblem(host);
    if (problem !== undefined) return problem;
  } else if (!host.name.includes('.')) {
    return 'is a short name, which means another host in every namespace';
  }
  const plain = host.kind === 'name' ? host.name : host.suffix.slice(1);
  const { clusterDomain } = settings.config.mesh;
  if (parseClusterName(plain, clusterDomain) !== undefined) {
    return 'is inside the cluster; Services are reached without a grant';
  }
  if (overlaps(host, { kind: 'name', name: clusterDomain })) {
    return `covers the cluster's domain "${clusterDomain}"`;
  }
  const storageName = [...settings.storage.names].find((name) =>
    overlaps(host, { kind: 'name', name }),
  );
  if (storageName !== undefined) return `covers the store's name "${storageName}"`;
  const [protectedHost] = settings.protectedHosts.overlapping(host);
  if (protectedHost !== undefined) return `covers the protected host "${protectedHost}"`;
  return hostText(host) === text ? undefined : `is not in normal form; write "${hostText(host)}"`;
}
