import { kindOf } from '../../../src/objects/kinds.ts';
import { rules } from '../../../src/rules/index.ts';
import { shapeOf, type Shape } from './shape.ts';

/** A kind that some rule judges, by the resource that carries it. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
}

/** The way to a field: names, "[]" for the entries of a list, "{}" for the members of a map. */
export type Steps = readonly string[];

/** A place of a kind that takes text, or a list or map of anything. */
export interface Field {
  readonly kind: Kind;
  readonly steps: Steps;
  readonly takes: 'text' | 'list' | 'map';
}

/** Every kind that a rule is registered for; a new one is among them as soon as its rule is. */
export function registeredKinds(): readonly Kind[] {
  const kinds = new Map<string, Kind>();
  for (const { group, resources } of rules.flatMap(({ subject }) => subject.match)) {
    for (const resource of resources) {
      const kind = kindOf(group, resource);
      // Subresources carry the kind of their resource.
      if (kind === undefined || resource.includes('/')) continue;
      const version = group === 'bucketwarden.io' ? 'v1alpha1' : 'v1';
      kinds.set(`${group}/${kind}`, { group, version, resource, kind });
    }
  }
  return [...kinds.values()];
}

/** Every text, list and map that an object of the kind can have. */
export function fieldsOf(kind: Kind): readonly Field[] {
  const fields: Field[] = [];
  const walk = (shape: Shape, steps: Steps): void => {
    switch (shape.kind) {
      case 'text':
        fields.push({ kind, steps, takes: 'text' });
        return;
      case 'list':
        fields.push({ kind, steps, takes: 'list' });
        walk(shape.item, [...steps, '[]']);
        return;
      case 'map':
        fields.push({ kind, steps, takes: 'map' });
        walk(shape.value, [...steps, '{}']);
        return;
      case 'object':
        for (const [name, field] of shape.fields) walk(field, [...steps, name]);
        return;
      case 'other':
        return;
      default:
        shape satisfies never;
    }
  };
  walk(shapeOf(kind), []);
  // These say what the object is; with anything else in them it is another.
  return fields.filter(({ steps }) => !['apiVersion', 'kind'].includes(steps.join('.')));
}
