import { posix } from 'node:path';
import { isRecord, recordOf, textOf } from '../admission/json.ts';
import { apiGroup, identityVolume } from '../names.ts';
import { coversContent } from '../objects/workload/covers-content.ts';

/**
 * What in a pod takes the place of the injected identity. A name alone is not enough: another name on the
 * same path hides our files, and our name with other content shows other files.
 */

/** True for an entry of `volumes[]` under our name. */
export function isIdentityVolume(volume: unknown): boolean {
  return isRecord(volume) && volume['name'] === identityVolume.name;
}

/** True for an entry of `volumeMounts[]` under our name, on our path or inside it. */
export function isIdentityMount(mount: unknown): boolean {
  if (!isRecord(mount)) return false;
  return mount['name'] === identityVolume.name || isOnOurPath(textOf(mount['mountPath']) ?? '');
}

/** True when a mount is the injected one. A `subPath` would stop the kubelet's rotation of the token. */
export function isInjectedMount(mount: unknown, wanted: object): boolean {
  if (!coversContent(mount, wanted)) return false;
  return !Object.keys(recordOf(mount)).some((key) => key.startsWith('subPath'));
}

/** True when an entry of `env[]` gives the wanted value, as written and not from elsewhere. */
export function isInjectedVariable(entry: unknown, value: string): boolean {
  const found = recordOf(entry);
  return found['value'] === value && (found['valueFrom'] ?? undefined) === undefined;
}

const ownPaths = [
  identityVolume.mountPath,
  // In most images /var/run is a link to /run.
  identityVolume.mountPath.replace(/^\/var/, ''),
  normalPath(identityVolume.windowsMountPath),
];

/** The one segment that every spelling of our path has in common. */
const ownSegment = apiGroup;

function isOnOurPath(mountPath: string): boolean {
  // Nearly all mounts have nothing to do with us, and normalising is expensive.
  if (!mountPath.toLowerCase().includes(ownSegment)) return false;
  const path = normalPath(mountPath);
  return ownPaths.some((own) => path === own || path.startsWith(`${own}/`));
}

/** One spelling for "//", "/./", "/../", a trailing slash, and what Windows treats as the same. */
function normalPath(path: string): string {
  const isWindows = /^[A-Za-z]:/.test(path);
  const slashed = isWindows ? path.toLowerCase().replaceAll('\\', '/') : path;
  return posix.normalize(slashed).replace(/^\/+/, '/').replace(/\/+$/, '');
}
