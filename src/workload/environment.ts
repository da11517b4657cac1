import { isRecord, listOf, textOf } from '../admission/json.ts';
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
  const variables = new Map<string, string | undefined>();
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
    variables.set(name, expanded);
  });
  return { entries, variables };
}
