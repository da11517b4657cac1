import { listOf, recordOf, textOf, valueAt, type JsonRecord } from '../admission/json.ts';
import { parseBucketPattern } from '../bucket/bucket-pattern.ts';
import { decodeTenant } from '../declaration/load.ts';
import type { StorageTenant } from '../declaration/storage-tenant.ts';
import type { DeclarationProblem } from '../declaration/validate.ts';
import { parseHost } from '../host/host.ts';
import { apiVersion } from '../names.ts';

/** A StorageTenant of the cluster: what it declares, and what its status says so far. */
export interface StoredTenant {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
  /** When this generation was written, by the API server's clock; "" when that is not known. */
  readonly writtenAt: string;
  /** In force. The same object as long as the declaration has not changed. */
  readonly declaration: StorageTenant;
  /** Why the declaration could not be read; empty when it could. */
  readonly problems: readonly DeclarationProblem[];
  readonly status: JsonRecord;
}

/** Reads an object of the API server. A change of its status alone reads nothing anew. */
export function toStoredTenant(object: JsonRecord, before: StoredTenant | undefined): StoredTenant {
  const metadata = recordOf(object['metadata']);
  const uid = textOf(metadata['uid']) ?? '';
  const generation = Number(metadata['generation'] ?? 0);
  const isSame = before?.uid === uid && before.generation === generation;
  return {
    name: textOf(metadata['name']) ?? '',
    uid,
    generation,
    resourceVersion: textOf(metadata['resourceVersion']) ?? '',
    ...(isSame ? readBefore(before) : { ...read(object), writtenAt: writtenAt(metadata) }),
    status: recordOf(object['status']),
  };
}

function readBefore({ declaration, problems, writtenAt }: StoredTenant): ReadOnce {
  return { declaration, problems, writtenAt };
}

type ReadOnce = Pick<StoredTenant, 'declaration' | 'problems' | 'writtenAt'>;

/** The last write by anyone to anything but the status. Times of one form compare as text. */
function writtenAt({ creationTimestamp, managedFields }: JsonRecord): string {
  const writes = listOf(managedFields)
    .map(recordOf)
    .filter(({ subresource }) => subresource === undefined || subresource === '')
    .flatMap(({ time }) => textOf(time) ?? []);
  return [textOf(creationTimestamp) ?? '', ...writes].sort().at(-1) ?? '';
}

/**
 * The API server has checked the object by the same schema, so one that cannot be read was written
 * for another version of it, as during an upgrade. The previous version is not kept: it may grant what
 * has been revoked since. Nor is the object ignored: its namespaces would belong to no tenant, and its
 * buckets would be free to claim. What it claims stays claimed, and nothing is granted.
 */
function read(object: JsonRecord): Pick<StoredTenant, 'declaration' | 'problems'> {
  const { declaration, problems } = decodeTenant(object);
  return { declaration: declaration ?? claimsOf(object), problems };
}

function claimsOf(object: JsonRecord): StorageTenant {
  const texts = (list: unknown): string[] => listOf(list).flatMap((item) => textOf(item) ?? []);
  const buckets = listOf(valueAt(object, ['spec', 'buckets']))
    .flatMap((entry) => textOf(recordOf(entry)['name']) ?? [])
    .filter((name) => 'pattern' in parseBucketPattern(name));
  const hosts = texts(valueAt(object, ['spec', 'ingress', 'hosts'])).filter((text) =>
    ['name', 'wildcard'].includes(parseHost(text).kind),
  );
  return {
    apiVersion,
    kind: 'StorageTenant',
    metadata: { name: textOf(valueAt(object, ['metadata', 'name'])) ?? '' },
    spec: {
      namespaces: texts(valueAt(object, ['spec', 'namespaces'])),
      identity: 'Always',
      // An empty list means no account; without a list it would be all of them.
      buckets: buckets.map((name) => ({ name, access: 'ReadWrite', serviceAccounts: [] })),
      ingress: { hosts },
    },
  };
}
