import type { BucketwardenConfig } from '../declaration/bucketwarden-config.ts';
import { identityVolume } from '../names.ts';

/**
 * The entry for `volumes[]`. Every field that the API server would default is written out, so that the
 * pod reads the same before and after it is stored.
 */
export function buildIdentityVolume({ sts, ca }: BucketwardenConfig['storage']): object {
  const token = {
    serviceAccountToken: {
      audience: sts.audience,
      expirationSeconds: sts.expirationSeconds,
      path: identityVolume.tokenFile,
    },
  };
  const bundle = {
    configMap: { name: ca.configMap, items: [{ key: ca.key, path: identityVolume.caFile }] },
  };
  return {
    name: identityVolume.name,
    projected: { defaultMode: 420, sources: ca.configMap === '' ? [token] : [token, bundle] },
  };
}

/** The entry for each container's `volumeMounts[]`. */
export function buildIdentityMount(isWindows: boolean): object {
  return { mountPath: mountPathOf(isWindows), name: identityVolume.name, readOnly: true };
}

/** The path of a file of that volume inside the container. */
export function identityFile(file: string, isWindows: boolean): string {
  return `${mountPathOf(isWindows)}${isWindows ? '\\' : '/'}${file}`;
}

function mountPathOf(isWindows: boolean): string {
  return isWindows ? identityVolume.windowsMountPath : identityVolume.mountPath;
}
