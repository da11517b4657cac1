import type { FieldPath } from '../admission/field-path.ts';
import { listOf, textOf } from '../admission/json.ts';
import { parseCidr, type Cidr } from '../host/address.ts';
import { parseHost, type Host } from '../host/host.ts';

/** A host as an object names it: where, as written, and in normal form. */
export interface NamedHost {
  readonly path: FieldPath;
  readonly text: string;
  readonly host: Host;
}

/** An address or range as an object names it; `range` is undefined when it is neither. */
export interface NamedRange {
  readonly path: FieldPath;
  readonly text: string;
  readonly range: Cidr | undefined;
}

/** Reads one host; what is not a string reads as an empty, invalid host. */
export function namedHost(value: unknown, path: FieldPath): NamedHost {
  const text = textOf(value) ?? '';
  return { path, text, host: parseHost(text) };
}

/** Reads a list of hosts. */
export function namedHosts(list: unknown, path: FieldPath): readonly NamedHost[] {
  return listOf(list).map((value, index) => namedHost(value, [...path, index]));
}

/** Reads a list of addresses and ranges. */
export function namedRanges(list: unknown, path: FieldPath): readonly NamedRange[] {
  return listOf(list).map((value, index) => {
    const text = textOf(value) ?? '';
    return { path: [...path, index], text, range: parseCidr(text) };
  });
}
