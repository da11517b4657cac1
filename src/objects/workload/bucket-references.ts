import type { FieldPath } from '../../admission/field-path.ts';
import { listOf } from '../../admission/json.ts';
import type { Access } from '../../bucket/access.ts';
import { parseBucketRequests } from '../../bucket/bucket-request.ts';
import { limits } from '../../limits.ts';
import { annotations } from '../../names.ts';
import type { Settings } from '../../settings/settings.ts';
import { containerLists, containersOf, type Container } from './containers.ts';
import { readEnvironment } from './environment.ts';
import {
  createExpansionBudget,
  expandShellVariables,
  expandVariables,
  type Variables,
} from './expansion.ts';
import { flagValues } from './flag-values.ts';
import { annotationOf, type Workload } from './pod-template.ts';
import { visitTexts } from './visit-texts.ts';
import { bucketOfPath, bucketsInText, type NamedBucket } from './uri-reference.ts';

/** A bucket a workload asks for and the field that says so. */
export interface BucketReference {
  readonly bucket: string;
  readonly path: FieldPath;
  /** What the annotation states; undefined where only the bucket is named. */
  readonly access?: Access;
  readonly key: string;
  readonly isOpenKey: boolean;
}

/** What a workload asks for, as far as it can be read. */
export interface BucketReferences {
  readonly known: readonly BucketReference[];
  /** Fields that name a bucket in a way only the running container can resolve. */
  readonly unknown: readonly FieldPath[];
  /** Entries of the annotation that are no requests. */
  readonly unreadable: readonly { readonly path: FieldPath; readonly entry: string }[];
  /** Where reading stopped because there were too many; undefined when everything was read. */
  readonly unread: FieldPath | undefined;
}

/** What an object without a pod spec asks for. */
export const noBucketReferences: BucketReferences = {
  known: [],
  unknown: [],
  unreadable: [],
  unread: undefined,
};

/** Reads every place where a workload can name a bucket; see docs/how-it-works.md. */
export function findBucketReferences(workload: Workload, settings: Settings): BucketReferences {
  const collector = new Collector(settings);
  collector.readAnnotation(workload);
  for (const container of containersOf(workload)) collector.readContainer(container);
  visitTexts(workload.spec, workload.specPath, {
    skip: readAsContainers,
    visit: (text, path) => {
      collector.readText(text, path);
    },
  });
  return collector;
}

const readAsContainers: ReadonlySet<string> = new Set(containerLists);
const readByName: ReadonlySet<string> = new Set(['env', 'command', 'args']);

class Collector implements BucketReferences {
  readonly known: BucketReference[] = [];
  readonly unknown: FieldPath[] = [];
  readonly unreadable: { path: FieldPath; entry: string }[] = [];
  unread: FieldPath | undefined;
  readonly #settings: Settings;
  readonly #budget = createExpansionBudget();
  /** What was found at #place so far: a script may name the same bucket in every line. */
  readonly #foundHere = new Set<string>();
  #place: FieldPath = [];

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  readAnnotation(workload: Workload): void {
    const text = annotationOf(workload, annotations.buckets);
    if (text === undefined) return;
    const path = [...workload.metadataPath, 'annotations', annotations.buckets];
    const { requests, unreadable } = parseBucketRequests(text);
    for (const { bucket, access } of requests) {
      this.#addKnown({ bucket, access, path, key: '', isOpenKey: false });
    }
    for (const entry of unreadable) {
      if (this.#isNew(path, entry)) this.unreadable.push({ path, entry });
    }
  }

  readContainer(container: Container): void {
    const { entries, variables } = readEnvironment(container, this.#budget);
    for (const { name, value, source, index } of entries) {
      const isNamed = this.#settings.detection.isBucketVariable(name);
      if (!isNamed && value?.includes(':') !== true) continue;
      const path = container.path.concat(
        'env',
        index,
        source === undefined ? 'value' : 'valueFrom',
      );
      if (value === undefined) this.#addUnknown(path);
      else if (isNamed) this.#readNames(value, path, variables);
      else this.readText(value, path, variables);
    }
    this.#readCommandLine(container, variables);
    visitTexts(container.value, container.path, {
      skip: readByName,
      visit: (text, path) => {
        this.readText(text, path, variables);
      },
    });
  }

  /** URIs inside any text. */
  readText(text: string, path: FieldPath, variables?: Variables): void {
    // Once there is too much, more is not looked at: reading takes time, too.
    if (this.unread !== undefined || !text.includes('://')) return;
    const expanded = variables === undefined ? text : this.#expandShell(text, path, variables);
    for (const named of bucketsInText(expanded, this.#settings)) this.#add(named, path);
  }

  /** The container runs `command` and `args` as one list, so a flag may end one and its value begin the other. */
  #readCommandLine({ value, path }: Container, variables: Variables): void {
    const command = listOf(value['command']);
    const written = [...command, ...listOf(value['args'])];
    const placeOf = (index: number): FieldPath =>
      index < command.length
        ? [...path, 'command', index]
        : [...path, 'args', index - command.length];
    const words = written.map((word, index) => {
      const expanded =
        typeof word === 'string' ? expandVariables(word, variables, this.#budget) : '';
      if (expanded === undefined) this.unknown.push(placeOf(index));
      return expanded ?? '';
    });
    words.forEach((word, index) => {
      if (word.includes('://')) this.readText(word, placeOf(index), variables);
    });
    for (const { index, text } of flagValues(words, this.#settings.detection.flags)) {
      // Words with a URI have been read above.
      if (!text.includes('://')) this.#readNames(text, placeOf(index), variables);
    }
  }

  /** A value known to be a bucket, a bucket with a key, or a list of them. */
  #readNames(text: string, path: FieldPath, variables: Variables): void {
    const expanded = this.#expandShell(text, path, variables);
    if (expanded.includes('://')) {
      this.readText(expanded, path);
      return;
    }
    for (const part of expanded.split(/[\s,]+/)) {
      if (part !== '' && part !== 'true' && part !== 'false') this.#add(bucketOfPath(part), path);
    }
  }

  #expandShell(text: string, path: FieldPath, variables: Variables): string {
    const expanded = expandShellVariables(text, variables, this.#budget);
    if (expanded === undefined) this.#addUnknown(path);
    return expanded ?? '';
  }

  #add(named: NamedBucket | undefined, path: FieldPath): void {
    if (named?.kind === 'unknown') this.#addUnknown(path);
    if (named?.kind !== 'known') return;
    const { bucket, key, isOpenKey } = named;
    this.#addKnown({ bucket, key, isOpenKey, path });
  }

  #addKnown(reference: BucketReference): void {
    const { path, bucket, key, access = '', isOpenKey } = reference;
    if (this.#isNew(path, `${bucket} ${access} ${isOpenKey} ${key}`)) this.known.push(reference);
  }

  #addUnknown(path: FieldPath): void {
    if (this.#isNew(path, '')) this.unknown.push(path);
  }

  /** False for what was found in this place before, and for everything once there is too much. */
  #isNew(path: FieldPath, text: string): boolean {
    if (path !== this.#place) {
      this.#place = path;
      this.#foundHere.clear();
    }
    if (this.#foundHere.has(text)) return false;
    const count = this.known.length + this.unknown.length + this.unreadable.length;
    if (count >= limits.maxBucketReferences) {
      this.unread ??= path;
      return false;
    }
    this.#foundHere.add(text);
    return true;
  }
}
