import { pathWithoutIndexes } from '../admission/field-path.ts';
import type { JsonRecord } from '../admission/json.ts';
import { readPublishedObject } from '../objects/istio/published-object.ts';
import { findWorkload } from '../objects/workload/pod-template.ts';
import type { Finding } from './finding.ts';
import { boundFindings, type BoundedFindings } from './bounded.ts';
import type { Reading, Review, Rule, Subject, UpdateScope, Violation } from '../rules/rule.ts';

/**
 * Runs the rules; all of them, so that a user sees every problem at once.
 * @param checkTime called before each rule; throws when nobody waits for the answer any more
 */
export function evaluate(
  rules: readonly Rule[],
  review: Review,
  checkTime: () => void,
): BoundedFindings {
  const evaluation = new Evaluation(review);
  const findings: Finding[] = [];
  let omitted = 0;
  for (const rule of rules) {
    if (rule.scope === 'tenant' && review.world.tenant === undefined) continue;
    checkTime();
    const bounded = boundFindings(evaluation.findingsOf(rule));
    findings.push(...bounded.findings);
    omitted += bounded.omitted;
  }
  return { findings, omitted };
}

/** One object under evaluation: what each subject reads of it is read once for all its rules. */
class Evaluation {
  readonly #review: Review;
  readonly #before: Review | undefined;
  readonly #readings = new Map<Subject<unknown>, Reading<unknown>>();
  readonly #readingsBefore = new Map<Subject<unknown>, Reading<unknown>>();
  readonly #scopes = new Map<Subject<unknown>, UpdateScope>();

  constructor(review: Review) {
    this.#review = review;
    // On DELETE the old object is the one being judged: nothing about it is forgiven as old.
    const isUpdate = review.operation === 'UPDATE' && review.oldObject !== undefined;
    this.#before = isUpdate ? reviewOfOldObject(review, review.oldObject) : undefined;
  }

  findingsOf(rule: Rule): readonly Finding[] {
    const scope = this.#scopeOf(rule.subject);
    if (scope === 'nothing') return [];
    const violations = violationsOf(rule, this.#review, this.#readings);
    if (violations.length === 0) return [];
    const old = scope === 'additions' ? this.#oldViolations(rule) : none;
    return violations.map((violation) => ({
      rule,
      violation,
      isOld: old.has(identityOf(violation)),
    }));
  }

  #scopeOf(subject: Subject<unknown>): UpdateScope {
    if (this.#before === undefined) return 'everything';
    const known = this.#scopes.get(subject) ?? subject.updateScope(this.#review);
    this.#scopes.set(subject, known);
    return known;
  }

  #oldViolations(rule: Rule): ReadonlySet<string> {
    if (this.#before === undefined) return none;
    const before = violationsOf(rule, this.#before, this.#readingsBefore);
    return new Set(before.map(identityOf));
  }
}

const none: ReadonlySet<string> = new Set();

/** A field that cannot be read breaks every rule of the subject: whatever it hides was not judged. */
function violationsOf(
  rule: Rule,
  review: Review,
  readings: Map<Subject<unknown>, Reading<unknown>>,
): readonly Violation[] {
  const { subject } = rule;
  const reading = readings.get(subject) ?? subject.read(review);
  readings.set(subject, reading);
  return reading.kind === 'read' ? rule.validate(reading.about, review.world) : reading.violations;
}

/** The same request as if `oldObject` were being judged, to tell old violations from new ones. */
function reviewOfOldObject(review: Review, oldObject: JsonRecord): Review {
  const { kind, world } = review;
  const workload = findWorkload(oldObject, kind, world.settings.detection.podSpecPaths);
  const published = readPublishedObject(oldObject, review);
  return { ...review, object: oldObject, oldObject: undefined, workload, published };
}

function identityOf({ path, key, reason }: Violation): string {
  return `${pathWithoutIndexes(path)}\u0000${key ?? reason}`;
}
