import type { AdmissionRequest } from '../admission/review.ts';
import { workloadMatch, type Match, type Rule } from './rule.ts';

/** Subresources that carry nothing any rule judges: written by controllers, read by nobody here. */
const passingSubresources = new Set(['status', 'scale']);

type Addressed = Pick<AdmissionRequest, 'resource' | 'subResource' | 'operation'>;

/** Finds the rules for a request without going through the list of them. */
export class RuleRegistry {
  readonly rules: readonly Rule[];
  readonly ids: ReadonlySet<string>;
  readonly #byRequest = new Map<string, Rule[]>();
  readonly #resources = new Set<string>();

  constructor(rules: readonly Rule[]) {
    this.rules = rules;
    this.ids = new Set(rules.map(({ id }) => id));
    for (const rule of rules) for (const match of rule.match) this.#register(rule, match);
  }

  /** The rules for a request; "unregistered" for kinds that nobody judges. */
  rulesFor({ resource, subResource, operation }: Addressed): readonly Rule[] | 'unregistered' {
    if (passingSubresources.has(subResource)) return [];
    const suffix = subResource === '' ? '' : `/${subResource}`;
    const address = `${resource.group}/${resource.resource}${suffix}`;
    if (!this.#resources.has(address)) return 'unregistered';
    return this.#byRequest.get(`${operation} ${address}`) ?? [];
  }

  /** Rules for custom kinds that carry a pod template (config `detection.templates`). */
  get workloadRules(): readonly Rule[] {
    return this.rules.filter(({ match }) => match === workloadMatch);
  }

  #register(rule: Rule, { group, resources, operations }: Match): void {
    for (const resource of resources) {
      this.#resources.add(`${group}/${resource}`);
      for (const operation of operations) this.#add(`${operation} ${group}/${resource}`, rule);
    }
  }

  #add(key: string, rule: Rule): void {
    const rules = this.#byRequest.get(key);
    if (rules === undefined) this.#byRequest.set(key, [rule]);
    else if (!rules.includes(rule)) rules.push(rule);
  }
}
