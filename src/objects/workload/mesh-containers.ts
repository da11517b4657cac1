import { listOf, recordOf, textOf, type JsonRecord } from '../../admission/json.ts';
import type { Container, ContainerList } from './containers.ts';
import { annotationOf, type Workload } from './pod-template.ts';

/** Names Istio's injector gives its containers (istio/istio pkg/kube/inject). */
const meshNames = new Set(['istio-proxy', 'istio-init', 'istio-validation', 'enable-core-dump']);

/** Written by Istio's injector: JSON with the names of what it added. */
const statusAnnotation = 'sidecar.istio.io/status';

/**
 * A test for the mesh's own containers. A name alone proves nothing: the image must come from a known
 * repository and the injector's status must list it where it is. `istio-proxy` with `image: auto` is
 * the placeholder that the injector fills in later.
 */
export function meshContainerTest(
  workload: Workload,
  proxyImages: readonly string[],
): (container: Container) => boolean {
  let injected: InjectedNames | undefined;
  return ({ list, name, value }) => {
    if (!meshNames.has(name)) return false;
    const image = typeof value['image'] === 'string' ? value['image'] : '';
    if (image === 'auto') return name === 'istio-proxy';
    // Read when first needed, and once: it may be long, and names repeated in what users send.
    injected ??= injectedNames(annotationOf(workload, statusAnnotation));
    return injected[list].has(name) && isFrom(image, proxyImages);
  };
}

/**
 * True for a container with a mesh name and a mesh image. Weaker than `meshContainerTest`: for templates,
 * where the injector may leave its status elsewhere (in a CronJob it writes it beside the template).
 */
export function hasMeshImage({ name, value }: Container, proxyImages: readonly string[]): boolean {
  const image = textOf(value['image']) ?? '';
  return meshNames.has(name) && (image === 'auto' || isFrom(image, proxyImages));
}

function isFrom(image: string, repositories: readonly string[]): boolean {
  const repository = repositoryOf(image);
  return repositories.some((known) => repositoryOf(known) === repository);
}

/** "docker.io/istio/proxyv2" for "istio/proxyv2:1.30@sha256:…"; Docker's short names are completed. */
export function repositoryOf(image: string): string {
  const [named = ''] = image.split('@', 1);
  const slash = named.lastIndexOf('/');
  const colon = named.indexOf(':', slash + 1);
  const repository = colon === -1 ? named : named.slice(0, colon);
  const [first = '', ...rest] = repository.split('/');
  if (rest.length === 0) return `docker.io/library/${repository}`;
  const isRegistry = first.includes('.') || first.includes(':') || first === 'localhost';
  return isRegistry ? repository : `docker.io/${repository}`;
}

type InjectedNames = Readonly<Record<ContainerList, ReadonlySet<unknown>>>;

/** Far more than the injector writes; one of a mebibyte would take long to parse. */
const maxStatusCharacters = 16 * 1024;

function injectedNames(status = ''): InjectedNames {
  const lists = status === '' || status.length > maxStatusCharacters ? {} : parseRecord(status);
  return {
    initContainers: new Set(listOf(lists['initContainers'])),
    containers: new Set(listOf(lists['containers'])),
    // The injector adds none.
    ephemeralContainers: new Set(),
  };
}

function parseRecord(text: string): JsonRecord {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return {};
  }
}
