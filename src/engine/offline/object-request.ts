import type { FieldPath } from '../../admission/field-path.ts';
import { isRecord, recordOf, textOf, type JsonRecord } from '../../admission/json.ts';
import type { AdmissionRequest, GroupVersionKind } from '../../admission/review.ts';
import { isClusterScoped, misplacedKind, resourceOf } from '../../objects/kinds.ts';

/** What becomes of an object from a file or from the cluster. */
export type ObjectRequest =
  | {
      readonly kind: 'request';
      readonly request: AdmissionRequest;
      /** The object names no namespace and was put into the default one. */
      readonly isInDefaultNamespace: boolean;
    }
  /** A kind that no rule is about. */
  | { readonly kind: 'unregistered' }
  /** A kind that rules are about, under an apiVersion that does not have it. */
  | { readonly kind: 'misplaced'; readonly path: FieldPath; readonly message: string }
  /** Nothing that a cluster would store under a name of its own. */
  | { readonly kind: 'invalid'; readonly path: FieldPath; readonly message: string };

export interface RequestSetting {
  /** Namespace of objects that name none. */
  readonly defaultNamespace: string;
  /** Custom kinds with a pod spec, by "apiVersion/kind". */
  readonly podSpecPaths: ReadonlyMap<string, unknown>;
}

/** The request that the API server would send if the object were created. */
export function buildRequest(object: unknown, setting: RequestSetting): ObjectRequest {
  if (!isRecord(object)) return invalid([], 'must be an object with apiVersion, kind and metadata');
  for (const field of ['apiVersion', 'kind']) {
    if (isBlank(object[field]))
      return invalid([field], `is not a Kubernetes manifest: "${field}" is missing`);
  }
  const kind = kindOf(object);
  const resource = resourceOf(kind) ?? customResource(object, setting);
  if (resource === undefined) return withoutRules(object, kind);
  const { name, generateName, namespace } = recordOf(object['metadata']);
  if (isBlank(name) && isBlank(generateName)) {
    return invalid(['metadata', 'name'], '"name" is missing');
  }
  const isInDefaultNamespace = !isClusterScoped(kind) && isBlank(namespace);
  const request: AdmissionRequest = {
    uid: 'offline',
    kind,
    resource: { group: kind.group, version: kind.version, resource },
    subResource: '',
    name: textOf(name) ?? '',
    namespace: isInDefaultNamespace ? setting.defaultNamespace : ownNamespace(object, kind),
    operation: 'CREATE',
    userInfo: offlineUser,
    object,
    oldObject: undefined,
    dryRun: true,
  };
  return { kind: 'request', request, isInDefaultNamespace };
}

function withoutRules({ apiVersion }: JsonRecord, kind: GroupVersionKind): ObjectRequest {
  const known = misplacedKind(kind);
  if (known === undefined) return { kind: 'unregistered' };
  const message = `${kind.kind} of ${textOf(apiVersion) ?? ''} is not checked; ${known}`;
  return { kind: 'misplaced', path: ['apiVersion'], message };
}

/** The one that is written; "" is none, as for the API server. */
function ownNamespace({ metadata }: JsonRecord, kind: GroupVersionKind): string {
  return isClusterScoped(kind) ? '' : (textOf(recordOf(metadata)['namespace']) ?? '');
}

/** No rule trusts this user, and the answer does not depend on the user who runs the command. */
const offlineUser = { username: 'bucketwarden:offline', groups: ['system:authenticated'] };

function kindOf(object: JsonRecord): GroupVersionKind {
  const apiVersion = textOf(object['apiVersion']) ?? '';
  const slash = apiVersion.indexOf('/');
  return {
    group: apiVersion.slice(0, Math.max(slash, 0)),
    version: apiVersion.slice(slash + 1),
    kind: textOf(object['kind']) ?? '',
  };
}

/** The plural of a custom kind is not known here; its rules go by the kind. */
function customResource(
  { apiVersion, kind }: JsonRecord,
  { podSpecPaths }: RequestSetting,
): string | undefined {
  const address = `${textOf(apiVersion) ?? ''}/${textOf(kind) ?? ''}`;
  return podSpecPaths.has(address) ? address.toLowerCase() : undefined;
}

function isBlank(value: unknown): boolean {
  return (textOf(value) ?? '') === '';
}

function invalid(path: FieldPath, message: string): ObjectRequest {
  return { kind: 'invalid', path, message };
}
