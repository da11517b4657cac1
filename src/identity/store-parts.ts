import type { BucketwardenConfig } from '../declaration/bucketwarden-config.ts';
import { environment, identityVolume } from '../names.ts';
import { buildIdentityMount, buildIdentityVolume, identityFile } from './identity-volume.ts';
import { minioRoleArn } from './role-arn.ts';
import { canonicalUrl } from './same-url.ts';

/** One variable as a container carries it. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** Accepted URLs in canonical form, by name of variable. */
export type AcceptedEndpoints = Readonly<Partial<Record<string, readonly string[]>>>;

/** What all pods of the cluster get alike. */
export interface StoreParts {
  readonly variables: readonly Variable[];
  /** Variables that come after a pod's own. */
  readonly trust: readonly Variable[];
  readonly volume: object;
  readonly mount: object;
  /** Other names of the same store, which a pod may use instead of the injected ones. */
  readonly endpoints: AcceptedEndpoints;
}

/** Built once per config and operating system, and shared by all identities. */
export function storePartsOf(config: BucketwardenConfig, isWindows: boolean): StoreParts {
  const known = isWindows ? windowsParts : linuxParts;
  const parts = known.get(config) ?? buildStoreParts(config, isWindows);
  known.set(config, parts);
  return parts;
}

/** A config never changes, so these only save time and space. */
const linuxParts = new WeakMap<BucketwardenConfig, StoreParts>();
const windowsParts = new WeakMap<BucketwardenConfig, StoreParts>();

function buildStoreParts({ storage }: BucketwardenConfig, isWindows: boolean): StoreParts {
  const { endpoints, region, sts, ca } = storage;
  const [endpoint = ''] = endpoints;
  const stsEndpoint = sts.endpoint || endpoint;
  const roleArn = sts.roleArn || minioRoleArn({ audience: sts.audience, region: sts.roleRegion });
  const caFile = identityFile(identityVolume.caFile, isWindows);
  const trust = ca.configMap === '' ? [] : [environment.caBundle, environment.nodeExtraCaCerts];
  return freezeDeep({
    variables: [
      { name: environment.s3Endpoint, value: endpoint },
      { name: environment.stsEndpoint, value: stsEndpoint },
      { name: environment.region, value: region },
      { name: environment.defaultRegion, value: region },
      { name: environment.roleArn, value: roleArn },
      { name: environment.tokenFile, value: identityFile(identityVolume.tokenFile, isWindows) },
    ],
    trust: trust.map((name) => ({ name, value: caFile })),
    volume: buildIdentityVolume(storage),
    mount: buildIdentityMount(isWindows),
    endpoints: {
      [environment.s3Endpoint]: acceptedFor(endpoint, endpoints),
      [environment.stsEndpoint]: acceptedFor(stsEndpoint, endpoints),
    },
  });
}

/** All names of the store where the injected one is one of them; a separate STS has just its own. */
function acceptedFor(injected: string, endpoints: readonly string[]): string[] {
  const names = endpoints.flatMap((name) => canonicalUrl(name) ?? []);
  const own = canonicalUrl(injected);
  if (own === undefined) return [];
  return names.includes(own) ? names : [own];
}

/** `renderPatch` remembers the texts of what cannot change. */
function freezeDeep<Value extends object>(value: Value): Value {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) freezeDeep(member);
  }
  return Object.freeze(value);
}
