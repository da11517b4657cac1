import type { FieldPath } from '../admission/field-path.ts';
import type { StorageTenant } from '../declaration/storage-tenant.ts';
import { parseClusterName, shortFormOf } from '../host/cluster-name.ts';
import { hostText, parseHost, type Host } from '../host/host.ts';
import { overlaps, wildcardProblem } from '../host/wildcard.ts';
import type { Settings } from '../settings/settings.ts';
import { conflictsAt, type TenantProblem, type TenantSurroundings } from './claims.ts';
import { isNamespace } from './world.ts';

type GrantableHost = Extract<Host, { kind: 'name' | 'wildcard' }>;

/** Hosts that cannot be granted to any tenant, and ingress hosts that another tenant has. */
export function hostProblems(
  declaration: StorageTenant,
  surroundings: TenantSurroundings,
): TenantProblem[] {
  const { egress, ingress } = declaration.spec;
  const { name } = declaration.metadata;
  const judge = (texts: readonly string[] = [], field: string): TenantProblem[] =>
    texts.flatMap((text, index) =>
      problemsAt(['spec', field, 'hosts', index], { text, self: name, field }, surroundings),
    );
  return [...judge(egress?.hosts, 'egress'), ...judge(ingress?.hosts, 'ingress')];
}

function problemsAt(
  path: FieldPath,
  { text, self, field }: { readonly text: string; readonly self: string; readonly field: string },
  surroundings: TenantSurroundings,
): TenantProblem[] {
  const { settings, tenants } = surroundings;
  const host = parseHost(text);
  const invalid = (problem: string): TenantProblem[] => [{ path, message: `"${text}" ${problem}` }];
  if (host.kind === 'invalid') return invalid(host.reason);
  if (host.kind === 'address') return invalid('is an IP address; grant it in egress.cidrs');
  const problem = grantProblem(host, settings);
  if (problem !== undefined) return invalid(problem);
  const service = shortFormOf(plainName(host), (label) => isNamespace(surroundings, label));
  if (service !== undefined) {
    const { namespace } = service;
    return invalid(
      `is the short form of Service "${service.service}" in namespace "${namespace}"; ${reachedAnyway}`,
    );
  }
  if (hostText(host) !== text) return invalid(`is not in normal form; write "${hostText(host)}"`);
  const published = conflictsAt(
    path,
    { claimants: tenants.claimsOnIngress(host), self },
    (owner) => `"${text}" overlaps an ingress host of tenant "${owner}"`,
  );
  if (field === 'egress') return published;
  // A published host belongs to one tenant, so it would void what others may reach.
  const granted = conflictsAt(
    path,
    { claimants: tenants.claimsOnEgress(host), self },
    (owner) => `"${text}" overlaps an egress host of tenant "${owner}"`,
  );
  return [...published, ...granted];
}

const reachedAnyway = 'Services are reached without a grant';

/** Why a host cannot be granted to any tenant. */
function grantProblem(host: GrantableHost, settings: Settings): string | undefined {
  if (host.kind === 'wildcard') {
    const problem = wildcardProblem(host);
    if (problem !== undefined) return problem;
  } else if (!host.name.includes('.')) {
    return 'is a short name, which means another host in every namespace';
  }
  const { clusterDomain } = settings.config.mesh;
  if (parseClusterName(plainName(host), clusterDomain) !== undefined) {
    return `is inside the cluster; ${reachedAnyway}`;
  }
  if (overlaps(host, { kind: 'name', name: clusterDomain })) {
    return `covers the cluster's domain "${clusterDomain}"`;
  }
  const storageName = [...settings.storage.names].find((name) =>
    overlaps(host, { kind: 'name', name }),
  );
  if (storageName !== undefined) return `covers the store's name "${storageName}"`;
  const [protectedHost] = settings.protectedHosts.overlapping(host);
  return protectedHost && `covers the protected host "${protectedHost}"`;
}

/** The name itself, or what is behind the star and its dot. */
function plainName(host: GrantableHost): string {
  return host.kind === 'name' ? host.name : host.suffix.slice(1);
}
