import { isRecord, listOf, textOf } from '../../admission/json.ts';
import type { Container } from './containers.ts';
import { expandVariables, type Variables } from './expansion.ts';
import { readFieldReference } from './field-reference.ts';
import type { Workload } from './pod-template.ts';
import { mayFit, type ReadingBudget } from './reading-budget.ts';

/** One entry of a container's `env`. */
export interface EnvironmentEntry {
  readonly name: string;
  readonly index: number;
  /** With `$(NAME)` expanded; undefined when it comes from elsewhere or is too long. */
  readonly value: string | undefined;
  /** As written, when it is a literal. */
  readonly literal: string | undefined;
  /** "secretKeyRef", "configMapKeyRef", "fieldRef" …; undefined for a literal. */
  readonly source: string | undefined;
}

/** Where a container belongs, and what may be spent on its environment. */
interface Surroundings {
  readonly workload: Workload;
  readonly budget: ReadingBudget;
}

/**
 * The entries of `env` in order, and every name with the value the container will see. A later entry
 * of the same name wins, and a value may use names defined before it, as in the kubelet.
 */
export function readEnvironment(
  { value }: Container,
  { workload, budget }: Surroundings,
): { readonly entries: readonly EnvironmentEntry[]; readonly variables: Variables } {
  const entries: EnvironmentEntry[] = [];
  const variables = new VariablesSoFar(entries);
  listOf(value['env']).forEach((item, index) => {
    if (!isRecord(item)) return;
    const { name: written, value: text, valueFrom } = item;
    const name = textOf(written) ?? '';
    if (isRecord(valueFrom)) {
      const source = Object.keys(valueFrom)[0] ?? '';
      const known = readFieldReference(valueFrom, workload);
      entries.push({ name, index, value: known, literal: undefined, source });
    } else {
      const literal = textOf(text) ?? '';
      const expanded = mayFit(literal, budget)
        ? expandVariables(literal, variables, budget)
        : undefined;
      entries.push({ name, index, value: expanded, literal, source: undefined });
    }
  });
  return { entries, variables };
}

/** Most environments refer to nothing; names are put in order only when one does. */
class VariablesSoFar implements Variables {
  readonly #entries: readonly EnvironmentEntry[];
  readonly #values = new Map<string, string | undefined>();
  #read = 0;

  constructor(entries: readonly EnvironmentEntry[]) {
    this.#entries = entries;
  }

  get(name: string): string | undefined {
    return this.#catchUp().get(name);
  }

  has(name: string): boolean {
    return this.#catchUp().has(name);
  }

  #catchUp(): ReadonlyMap<string, string | undefined> {
    while (this.#read < this.#entries.length) {
      const entry = this.#entries[this.#read++];
      if (entry !== undefined) this.#values.set(entry.name, entry.value);
    }
    return this.#values;
  }
}
