import type { AdmissionRequest } from '../admission/review.ts';
import { kindOf } from '../objects/kinds.ts';
import type { Match } from '../objects/match.ts';
import type { Rule } from '../rules/rule.ts';

/** Subresources that pass unless a rule names them: written by controllers, read by nobody here. */
const passingSubresources = new Set(['status', 'scale']);

type Addressed = Pick<AdmissionRequest, 'kind' | 'resource' | 'subResource' | 'operation'>;

/** Finds the rules for a request without going through the list of them. */
export class RuleRegistry {
  readonly rules: readonly Rule[];
  readonly ids: ReadonlySet<string>;
  readonly #byRequest = new Map<string, Rule[]>();
  readonly #resources = new Set<string>();

  /** @param source whether objects come in requests, or from files, which nobody is applying */
  constructor(rules: readonly Rule[], source: 'requests' | 'files' = 'requests') {
    this.rules = rules;
    this.ids = new Set(rules.map(({ id }) => id));
    for (const rule of rules) {
      for (const match of rule.subject.match) {
        if (source === 'requests' || !hasConditions(match)) this.#register(rule, match);
      }
    }
  }

  /** The rules for a request; "unregistered" for kinds that nobody judges. */
  rulesFor(request: Addressed): readonly Rule[] | 'unregistered' {
    const { kind, resource, subResource, operation } = request;
    const suffix = subResource === '' ? '' : `/${subResource}`;
    const address = `${resource.group}/${resource.resource}${suffix}`;
    if (!this.#resources.has(address)) {
      return passingSubresources.has(subResource) ? [] : 'unregistered';
    }
    // Rules find their way by the kind: pods that call themselves something else would have no workload.
    if (kindOf(resource.group, resource.resource) !== kind.kind) return 'unregistered';
    return this.#byRequest.get(`${operation} ${address}`) ?? [];
  }

  /** Rules for custom kinds that carry a pod template (config `detection.templates`). */
  get templateRules(): readonly Rule[] {
    return this.rules.filter(({ subject }) => subject.hasTemplates);
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

/** Only the API server can tell whether such a request is to be judged. */
function hasConditions({ entry }: Match): boolean {
  return entry !== undefined && entry.conditions.length > 0;
}
