import type { BucketwardenConfig } from '../declaration/bucketwarden-config.ts';
import { environment, identityVolume } from '../names.ts';
import { buildIdentityMount, buildIdentityVolume, identityFile } from './identity-volume.ts';
import { minioRoleArn } from './role-arn.ts';

/** One variable as a container carries it. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** What every pod of the cluster gets alike, whoever it is. */
export interface StoreParts {
  readonly variables: readonly Variable[];
  /** Variables that come after a pod's own. */
  readonly trust: readonly Variable[];
  readonly volume: object;
  readonly mount: object;
}

/** Built once per config and operating system: all identities share the very same objects. */
export function storePartsOf(config: BucketwardenConfig, isWindows: boolean): StoreParts {
  const known = isWindows ? windowsParts : linuxParts;
  const parts = known.get(config) ?? buildStoreParts(config, isWindows);
  known.set(config, parts);
  return parts;
}

/** Nothing can be seen of these memories but that they save time and space. */
const linuxParts = new WeakMap<BucketwardenConfig, StoreParts>();
const windowsParts = new WeakMap<BucketwardenConfig, StoreParts>();

function buildStoreParts({ storage }: BucketwardenConfig, isWindows: boolean): StoreParts {
  const { endpoints, region, sts, ca } = storage;
  const [endpoint = ''] = endpoints;
  const roleArn = sts.roleArn || minioRoleArn({ audience: sts.audience, region: sts.roleRegion });
  const caFile = identityFile(identityVolume.caFile, isWindows);
  const trust = ca.configMap === '' ? [] : [environment.caBundle, environment.nodeExtraCaCerts];
  return freezeDeep({
    variables: [
      { name: environment.s3Endpoint, value: endpoint },
      { name: environment.stsEndpoint, value: sts.endpoint || endpoint },
      { name: environment.region, value: region },
      { name: environment.defaultRegion, value: region },
      { name: environment.roleArn, value: roleArn },
      { name: environment.tokenFile, value: identityFile(identityVolume.tokenFile, isWindows) },
    ],
    trust: trust.map((name) => ({ name, value: caFile })),
    volume: buildIdentityVolume(storage),
    mount: buildIdentityMount(isWindows),
  });
}

/** `renderPatch` remembers the texts of what cannot change. */
function freezeDeep<Value extends object>(value: Value): Value {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) freezeDeep(member);
  }
  return Object.freeze(value);
}
