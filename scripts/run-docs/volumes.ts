import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listOf, recordOf, textOf, valueAt, type JsonRecord } from '../../src/admission/json.ts';
import { isNotFound } from '../../src/kube/cluster-error.ts';
import type { Cluster } from '../../src/kube/cluster.ts';

/**
 * Writes what the pod mounts below a directory, and only what has changed; false while one of its Secrets or
 * ConfigMaps is missing, as a kubelet then waits.
 */
export async function writeVolumes(
  cluster: Cluster,
  { pod, directory }: { readonly pod: JsonRecord; readonly directory: string },
): Promise<boolean> {
  const volumes = listOf(valueAt(pod, ['spec', 'volumes'])).map(recordOf);
  for (const mount of listOf(valueAt(pod, ['spec', 'containers', 0, 'volumeMounts']))) {
    const { name, mountPath } = recordOf(mount);
    const volume = volumes.find((each) => each['name'] === name);
    const texts = await textsOf(cluster, volume ?? {});
    if (texts === undefined) return false;
    for (const [file, text] of texts) {
      replaceFile(join(directory, textOf(mountPath) ?? '', file), text);
    }
  }
  return true;
}

/** File names and contents; empty for volumes of other kinds, undefined when there is no such object. */
async function textsOf(
  cluster: Cluster,
  volume: JsonRecord,
): Promise<readonly (readonly [string, string])[] | undefined> {
  const secret = textOf(valueAt(volume, ['secret', 'secretName']));
  const configMap = textOf(valueAt(volume, ['configMap', 'name']));
  if (secret === undefined && configMap === undefined) return [];
  const resource = secret === undefined ? `configmaps/${configMap ?? ''}` : `secrets/${secret}`;
  const path = `/api/v1/namespaces/bucketwarden-system/${resource}`;
  const object = await cluster.ask({ path }).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (object === undefined) return undefined;
  const encoding = secret === undefined ? 'utf8' : 'base64';
  return Object.entries(recordOf(object['data'])).map(([file, text]) => [
    file,
    Buffer.from(textOf(text) ?? '', encoding).toString(),
  ]);
}

/** In one step, so that nobody reads half a file. */
function replaceFile(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
