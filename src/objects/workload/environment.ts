import { isRecord, listOf, textOf } from '../../admission/json.ts';
import type { Container } from './containers.ts';
import { expandVariables, type ExpansionBudget, type Variables } from './expansion.ts';

/** One entry of a container's `env`. */
export interface EnvironmentEntry {
  readonly name: string;
  readonly index: number;
  /** Literal value with `$(NAME)` expanded; undefined when it comes from elsewhere or is too long. */
  readonly value: string | undefined;
  /** "secretKeyRef", "configMapKeyRef", "fieldRef" …; undefined for a literal. */
  readonly source: string | undefined;
}

/**
 * The entries of `env` in order, and every name with the value the container will see. A later entry
 * of the same name wins, and a value may use names defined before it, as in the kubelet.
 */
export function readEnvironment(
  { value }: Container,
  budget: ExpansionBudget,
): { readonly entries: readonly EnvironmentEntry[]; readonly variables: Variables } {
  const entries: EnvironmentEntry[] = [];
  const variables = new VariablesSoFar(entries);
  listOf(value['env']).forEach((item, index) => {
    if (!isRecord(item)) return;
    const { name: written, value: literal, valueFrom } = item;
    const name = textOf(written) ?? '';
    const expanded = isRecord(valueFrom)
      ? undefined
      : expandVariables(textOf(literal) ?? '', variables, budget);
    entries.push({
      name,
      index,
      value: expanded,
      source: isRecord(valueFrom) ? (Object.keys(valueFrom)[0] ?? '') : undefined,
    });
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
    for (const { name, value } of this.#entries.slice(this.#read)) this.#values.set(name, value);
    this.#read = this.#entries.length;
    return this.#values;
  }
}
