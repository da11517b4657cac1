import { isDeepStrictEqual } from 'node:util';
import type { JsonRecord } from '../../admission/json.ts';
import type { Operation } from '../../admission/review.ts';
import type { PodIdentity } from '../../identity/pod-identity.ts';
import { mistypedAlong, mistypedFields } from '../../objects/shape.ts';
import { findBucketReferences } from '../../objects/workload/bucket-references.ts';
import type { BucketReferences } from '../../objects/workload/findings.ts';
import { workloadMatch } from '../../objects/workload/match.ts';
import { findWorkload, type Workload } from '../../objects/workload/pod-template.ts';
import { podMetadataShape, podSpecShape } from '../../objects/workload/shape.ts';
import type { Settings } from '../../settings/settings.ts';
import { readingOf } from '../reading.ts';
import type { Reading, Review, Subject, UpdateScope } from '../rule.ts';

/** A pod or pod template as the rules about workloads see it. */
export class WorkloadView {
  readonly workload: Workload;
  /** What a pod of the tenant should carry; undefined outside tenants. */
  readonly identity: PodIdentity | undefined;
  readonly operation: Operation;
  readonly oldObject: JsonRecord | undefined;
  readonly #settings: Settings;
  #references: BucketReferences | undefined;

  constructor(workload: Workload, { identity, operation, oldObject, world }: Review) {
    this.workload = workload;
    this.identity = identity;
    this.operation = operation;
    this.oldObject = oldObject;
    this.#settings = world.settings;
  }

  /** The buckets it names; found when the first rule asks, then kept. */
  get references(): BucketReferences {
    this.#references ??= findBucketReferences(this.workload, this.#settings);
    return this.#references;
  }
}

/** Pods, everything pods are made from, and custom kinds with a pod template. */
export const workloadSubject: Subject<WorkloadView> = {
  match: workloadMatch,
  hasTemplates: true,
  isInPlatform: false,
  read(review): Reading<WorkloadView> {
    const { workload, object } = review;
    // The registry sends no other kind here; were it to, nothing would have been judged.
    if (workload === undefined) throw new TypeError(`${review.kind.kind} has no pod spec`);
    const { spec, specPath, metadata, metadataPath } = workload;
    const mistyped = [
      ...mistypedAlong(object, specPath),
      ...mistypedAlong(object, metadataPath),
      ...mistypedFields(spec, podSpecShape, specPath),
      ...mistypedFields(metadata, podMetadataShape, metadataPath),
    ];
    return readingOf(mistyped, () => new WorkloadView(workload, review));
  },
  updateScope,
};

/**
 * A running pod is not undone: only what an UPDATE adds is denied. An unchanged template passes
 * (scaling, status, finalizers); a changed one makes new pods, so all of it is judged.
 */
function updateScope({ workload, oldObject, kind, world }: Review): UpdateScope {
  if (workload === undefined || oldObject === undefined) return 'everything';
  if (workload.isPod) return 'additions';
  const before = findWorkload(oldObject, kind, world.settings.detection.podSpecPaths);
  const isSame =
    isDeepStrictEqual(before?.spec, workload.spec) &&
    isDeepStrictEqual(before?.metadata, workload.metadata);
  return isSame ? 'nothing' : 'everything';
}
