import type { FieldPath } from '../../admission/field-path.ts';
import type { Access } from '../../bucket/access.ts';
import { limits } from '../../limits.ts';
import type { NamedBucket } from './named-bucket.ts';
import type { StaticKey } from './static-keys.ts';

/** A bucket that a workload requests, and the field that names it. */
export interface BucketReference {
  readonly bucket: string;
  readonly path: FieldPath;
  /** What the annotation states; undefined where only the bucket is named. */
  readonly access?: Access;
  readonly key: string;
  readonly isOpenKey: boolean;
}

/** A static credential in a text of the workload. */
export type KeyReference = { readonly path: FieldPath } & (
  ({ readonly kind: 'assignment' } & StaticKey) | { readonly kind: 'url' } | { readonly kind: 'mc' }
);

/** Why reading stopped. */
export type UnreadCause = 'references' | 'steps' | 'expansion' | 'length';

/** What a workload requests, as far as it can be read. */
export interface BucketReferences {
  readonly known: readonly BucketReference[];
  /** Fields that name a bucket in a way only the running container can resolve. */
  readonly unknown: readonly FieldPath[];
  /** ConfigMaps taken as a whole (`envFrom`), whose variables may name buckets. */
  readonly hidden: readonly { readonly path: FieldPath; readonly configMap: string }[];
  /** Entries of the annotation that are not requests. */
  readonly unreadable: readonly { readonly path: FieldPath; readonly entry: string }[];
  readonly keys: readonly KeyReference[];
  /** The first place that was not read to its end; undefined when everything was read. */
  readonly unread: { readonly path: FieldPath; readonly cause: UnreadCause } | undefined;
}

/** Collects what is found: each thing once in each place, and not without end. */
export class Findings implements BucketReferences {
  readonly known: BucketReference[] = [];
  readonly unknown: FieldPath[] = [];
  readonly hidden: { path: FieldPath; configMap: string }[] = [];
  readonly unreadable: { path: FieldPath; entry: string }[] = [];
  readonly keys: KeyReference[] = [];
  unread: { path: FieldPath; cause: UnreadCause } | undefined;
  /** What was found at #place so far: a script may name the same bucket in every line. */
  readonly #foundHere = new Set<string>();
  #place: FieldPath = [];

  add(named: NamedBucket, path: FieldPath): void {
    if (named.kind === 'unknown') this.addUnknown(path);
    else {
      const { bucket, key, isOpenKey } = named;
      this.addKnown({ bucket, key, isOpenKey, path });
    }
  }

  addKnown(reference: BucketReference): void {
    const { path, bucket, key, access = '', isOpenKey } = reference;
    if (this.#isNew(path, `${bucket} ${access} ${isOpenKey} ${key}`)) this.known.push(reference);
  }

  addUnknown(path: FieldPath): void {
    if (this.#isNew(path, '')) this.unknown.push(path);
  }

  addHidden(configMap: string, path: FieldPath): void {
    if (this.#isNew(path, '')) this.hidden.push({ path, configMap });
  }

  addUnreadable(entry: string, path: FieldPath): void {
    if (this.#isNew(path, entry)) this.unreadable.push({ path, entry });
  }

  addKey(key: KeyReference): void {
    const name = key.kind === 'assignment' ? `${key.name} ${key.isLiteral}` : '';
    if (this.#isNew(key.path, ` ${key.kind} ${name}`)) this.keys.push(key);
  }

  addUnread(cause: UnreadCause, path: FieldPath): void {
    this.unread ??= { path, cause };
  }

  /** False for what was found in this place before, and for everything once there is too much. */
  #isNew(path: FieldPath, text: string): boolean {
    if (path !== this.#place) {
      this.#place = path;
      this.#foundHere.clear();
    }
    if (this.#foundHere.has(text)) return false;
    const { known, unknown, hidden, unreadable, keys } = this;
    const count = known.length + unknown.length + hidden.length + unreadable.length + keys.length;
    if (count >= limits.maxBucketReferences) {
      this.addUnread('references', path);
      return false;
    }
    this.#foundHere.add(text);
    return true;
  }
}
