import type { RuleInput } from '../rules/rule.ts';
import {
  findBucketReferences,
  noBucketReferences,
  type BucketReferences,
} from '../objects/workload/bucket-references.ts';

/**
 * What rules look at. Bucket references are found when the first rule asks for them, then kept.
 *
 * A class and no literal with a getter: V8 gives each such literal a hidden class of its own, which
 * makes every access slow and holds the whole request until the next full collection.
 */
export class PreparedInput implements RuleInput {
  readonly object: RuleInput['object'];
  readonly oldObject: RuleInput['oldObject'];
  readonly kind: RuleInput['kind'];
  readonly operation: RuleInput['operation'];
  readonly namespace: RuleInput['namespace'];
  readonly name: RuleInput['name'];
  readonly tenant: RuleInput['tenant'];
  readonly tenants: RuleInput['tenants'];
  readonly settings: RuleInput['settings'];
  readonly ruleIds: RuleInput['ruleIds'];
  readonly workload: RuleInput['workload'];
  readonly identity: RuleInput['identity'];
  readonly namespaces: RuleInput['namespaces'];
  #references: BucketReferences | undefined;

  constructor(input: Omit<RuleInput, 'references'>) {
    this.object = input.object;
    this.oldObject = input.oldObject;
    this.kind = input.kind;
    this.operation = input.operation;
    this.namespace = input.namespace;
    this.name = input.name;
    this.tenant = input.tenant;
    this.tenants = input.tenants;
    this.settings = input.settings;
    this.ruleIds = input.ruleIds;
    this.workload = input.workload;
    this.identity = input.identity;
    this.namespaces = input.namespaces;
  }

  get references(): BucketReferences {
    this.#references ??= this.workload
      ? findBucketReferences(this.workload, this.settings)
      : noBucketReferences;
    return this.#references;
  }
}
